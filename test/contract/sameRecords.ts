import { expect } from 'vitest';
import { digestBatch } from '../../src/model/digest.ts';
import { idKey } from '../../src/model/id.ts';
import { type Exact, parseExact, printExact } from '../../src/model/json/exact.ts';
import { parseRecords } from '../../src/model/recordLine.ts';

/** Fails unless both hold the same records bit by bit, in any order; names the first path that differs. */
export function expectRecords(actual: string[], expected: string[]): void {
  const [got, wanted] = [byId(actual), byId(expected)];
  expect([...got.keys()].sort(), 'ids').toEqual([...wanted.keys()].sort());
  for (const [key, want] of wanted) {
    const have = got.get(key)!;
    if (have.digest === want.digest) continue;
    const path = firstDifference(parseExact(have.line), parseExact(want.line), []);
    expect.fail(`record ${key} differs at ${path ?? 'its digest only'}\n  got      ${clip(have.line)}\n  expected ${clip(want.line)}`);
  }
}

/** The same, and in the same order. */
export function expectSequence(actual: string[], expected: string[]): void {
  expect(idsOf(actual)).toEqual(idsOf(expected));
  expectRecords(actual, expected);
}

/** Keys of the lines' ids, in order: `s:…` for text, `i:…` for integers. */
export function idsOf(lines: string[]): string[] {
  return lines.map(line => {
    const id = (parseExact(line) as Map<string, Exact>).get('id');
    if (typeof id !== 'string' && typeof id !== 'bigint') return expect.fail(`a line without an id: ${clip(line)}`);
    return idKey(id);
  });
}

function byId(lines: string[]): Map<string, { line: string; digest: string }> {
  const keys = idsOf(lines);
  expect(new Set(keys).size, 'an id comes twice').toBe(keys.length);
  const lineOf = new Map(keys.map((key, i) => [key, lines[i]!]));
  const { batches, faults } = parseRecords(lines, {});
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

function firstDifference(a: Exact | undefined, b: Exact | undefined, path: string[]): string | undefined {
  if (a === undefined || b === undefined) return a === b ? undefined : `${path.join('.')} (${a === undefined ? 'missing' : 'surplus'})`;
  if (a instanceof Map && b instanceof Map) {
    for (const key of new Set([...a.keys(), ...b.keys()])) {
      const found = firstDifference(a.get(key), b.get(key), [...path, key]);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < Math.max(a.length, b.length); i++) {
      const found = firstDifference(a[i], b[i], [...path, String(i)]);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const vectors = path[0] === 'vector' || path[0] === 'vectors';
  const same = vectors ? Object.is(Math.fround(Number(a)), Math.fround(Number(b))) : printExact(a) === printExact(b);
  return same ? undefined : path.join('.');
}

function clip(line: string): string {
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
