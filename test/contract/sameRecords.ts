import { expect } from 'vitest';
import type { VectorSpec } from '../../src/model/collection.ts';
import { digestBatch } from '../../src/model/digest.ts';
import { idKey } from '../../src/model/id.ts';
import { parseExact } from '../../src/model/json/exact.ts';
import { parseRecords } from '../../src/model/recordLine.ts';

/**
 * Fails unless both hold the same records bit by bit, in any order; names the first path that differs. Without the
 * collection's vectors `[]` is no vector, though it is a multi-vector without rows.
 */
export function expectRecords(actual: string[], expected: string[], vectors?: VectorSpec[]): void {
  const [got, wanted] = [byId(actual, vectors), byId(expected, vectors)];
  expect([...got.keys()].sort(), 'ids').toEqual([...wanted.keys()].sort());
  for (const [key, want] of wanted) {
    const have = got.get(key)!;
    if (have.digest === want.digest) continue;
    const path = firstDifference(spelled(have.line), spelled(want.line), []);
    expect.fail(
      `record ${key} differs at ${path ?? 'its digest only'}\n  got      ${clip(have.line)}\n  expected ${clip(want.line)}`,
    );
  }
}

/** The same, and in the same order. */
export function expectSequence(actual: string[], expected: string[]): void {
  expect(idsOf(actual)).toEqual(idsOf(expected));
  expectRecords(actual, expected);
}

const ID = /^\{"id":("(?:[^"\\]|\\.)*"|-?[0-9]+)[,}]/;

/** Keys of the lines' ids, in order: `s:…` for text, `i:…` for integers. */
export function idsOf(lines: string[]): string[] {
  return lines.map(line => {
    const [, text] = ID.exec(line) ?? expect.fail(`a line that does not begin with its id: ${clip(line)}`);
    return idKey(text!.startsWith('"') ? JSON.parse(text!) : BigInt(text!));
  });
}

function byId(lines: string[], vectors?: VectorSpec[]): Map<string, { line: string; digest: string }> {
  const keys = idsOf(lines);
  expect(new Set(keys).size, 'an id comes twice').toBe(keys.length);
  const lineOf = new Map(keys.map((key, i) => [key, lines[i]!]));
  const { batches, faults } = parseRecords(lines, { ...(vectors && { vectors }) });
  if (faults[0]) throw faults[0].error;
  const records = new Map<string, { line: string; digest: string }>();
  for (const batch of batches) {
    const { content, vector } = digestBatch(batch);
    batch.ids.forEach((id, row) => {
      const hex = [content, vector].map(part => Buffer.from(part.subarray(row * 16, row * 16 + 16)).toString('hex'));
      records.set(idKey(id), { line: lineOf.get(idKey(id))!, digest: hex.join(' ') });
    });
  }
  return records;
}

/** A number as it is spelled; JSON.parse alone would merge 1 with 1.0. */
class Spelled {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

function spelled(line: string): unknown {
  const revive = (_: string, value: unknown, context?: { source: string }) =>
    typeof value === 'number' ? new Spelled(context!.source) : value;
  // A record without metadata equals one with {}.
  return { metadata: {}, ...JSON.parse(line, revive) };
}

function firstDifference(a: unknown, b: unknown, path: string[]): string | undefined {
  const place = path.join('.');
  if (a instanceof Spelled && b instanceof Spelled) {
    const vectors = path[0] === 'vector' || path[0] === 'vectors';
    const [x, y] = [a, b].map(({ source }) => (vectors ? Math.fround(Number(source)) : parseExact(source)));
    return Object.is(x, y) ? undefined : place;
  }
  if (!isContainer(a) || !isContainer(b) || Array.isArray(a) !== Array.isArray(b)) return a === b ? undefined : place;
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    if (!Object.hasOwn(a, key)) return `${[...path, key].join('.')} (missing)`;
    if (!Object.hasOwn(b, key)) return `${[...path, key].join('.')} (surplus)`;
    const found = firstDifference(a[key], b[key], [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(value instanceof Spelled);
}

function clip(line: string): string {
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
