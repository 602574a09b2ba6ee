import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AckOrder } from '../../../src/core/transfer/ackOrder.ts';
import { Journal, readJournal } from '../../../src/core/transfer/journal.ts';
import { type BatchLine, type JournalLine, journalLine, parseJournal } from '../../../src/core/transfer/journalLine.ts';
import { Tally } from '../../../src/core/transfer/tally.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vdb-journal-'));
  path = join(directory, 'journal.ndjson');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function line(range: number, n: number, more: Partial<BatchLine> = {}): BatchLine {
  const counts = { count: 3, written: 3, filtered: 0, dead: 0, preexisting: 0, bytes: 10 };
  const sums = { content: 'f'.repeat(32), vector: '1'.padStart(32, '0') };
  return { range, n, after: { 'käy\tä': [n] }, ...counts, ...sums, ...more };
}

const LINES: JournalLine[] = [
  { prepared: { collection: 'döcs', fresh: true } },
  line(0, 0),
  line(1, 0),
  line(0, 1),
  { resumed: { at: '2026-01-01T00:00:00.000Z' } },
  line(0, 2),
];
const BYTES = Buffer.concat(LINES.map(journalLine));

test('cut anywhere, a journal gives the whole lines before the cut', () => {
  for (let length = 0; length <= BYTES.length; length++) {
    const cut = parseJournal(BYTES.subarray(0, length), 'j');
    expect(cut.lines).toEqual(LINES.slice(0, cut.lines.length));
    expect(cut.length).toBe(Buffer.concat(cut.lines.map(journalLine)).length);
    expect(length - cut.length).toBeLessThan(300);
  }
  expect(parseJournal(BYTES, 'j').lines).toEqual(LINES);
});

test('a flipped bit is never taken for a line', () => {
  fc.assert(
    fc.property(fc.nat(BYTES.length * 8 - 1), bit => {
      const damaged = Buffer.from(BYTES);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      let lines: JournalLine[];
      try {
        ({ lines } = parseJournal(damaged, 'j'));
      } catch (error) {
        expect(error).toMatchObject({ code: 'config', details: { reason: 'journal_corrupt' } });
        return;
      }
      // Only the last newline can go unnoticed: its line looks torn.
      expect(bit >> 3).toBe(BYTES.length - 1);
      expect(lines).toEqual(LINES.slice(0, -1));
    }),
    { numRuns: 1000 },
  );
});

test('a torn tail is cut off before the next line is written', async () => {
  writeFileSync(path, BYTES);
  appendFileSync(path, '{"range":0,"n":3,"aft');
  const { journal, lines } = await Journal.open(path);
  expect(lines).toEqual(LINES);
  await journal.append(line(0, 3));
  await journal.close();
  expect(await readJournal(path)).toEqual([...LINES, line(0, 3)]);
});

test('lines given at once are written in order', async () => {
  const { journal } = await Journal.open(path);
  const all = Array.from({ length: 200 }, (_, n) => line(0, n));
  await Promise.all(all.map(one => journal.append(one)));
  await journal.close();
  expect(parseJournal(readFileSync(path), path).lines).toEqual(all);
});

test('acknowledgements wait for their predecessors within a range only', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }), fc.nat(5), (order, start) => {
      const acks = new AckOrder(new Map([[0, start]]));
      expect(acks.take(line(1, 0))).toHaveLength(1);
      const out = order.flatMap(i => acks.take(line(0, start + i)));
      expect(out.map(({ n }) => n)).toEqual([0, 1, 2, 3, 4, 5].map(i => start + i));
    }),
  );
});

test('lines add up: totals, sums mod 2^128, and where each range stands', () => {
  const tally = new Tally(LINES);
  expect(tally).toMatchObject({ read: 12, written: 12, end: null, prepared: { fresh: true } });
  expect(tally.ranges.get(0)).toEqual({ next: 3, after: { 'käy\tä': [2] } });
  expect(tally.fingerprint).toBe(`vdb1:12:${'f'.repeat(31)}c:${'4'.padStart(32, '0')}`);
  expect(new Tally([...LINES, line(1, 1, { content: null, vector: null })]).fingerprint).toBeNull();
});
