import { expect, test } from 'vitest';
import { batchBytes, joinBatches, selectRows } from '../../src/model/batch.ts';
import { digestBatch } from '../../src/model/digest.ts';
import { type RecordBatch, WANT_ALL } from '../../src/model/record.ts';
import { parseRecords, recordLine } from '../../src/model/recordLine.ts';

const lines = Array.from({ length: 50 }, (_, i) => {
  const vectors = [
    i % 5 === 4 ? '' : `"":[${i},0.5,-0]`,
    i % 3 === 0 ? `"s":{"indices":[${i},1000],"values":[1,2]}` : '',
    i % 2 === 0 ? `"m":[${Array.from({ length: (i % 4) + 1 }, (_, k) => `[${k},${i}]`).join(',')}]` : '',
  ].filter(text => text !== '');
  const vector = vectors.length > 0 ? `,"vectors":{${vectors.join(',')}}` : '';
  return `{"id":"${i}"${vector},"metadata":{"n":${i}}${i % 7 ? '' : `,"document":"d${i}"`}${i % 11 ? '' : ',"uri":"u"'},"partition":"p"}`;
});

const parse = (some: string[]): RecordBatch => parseRecords(some, {}).batches[0]!;
const print = (batch: RecordBatch): string[] =>
  Array.from({ length: batch.count }, (_, row) => recordLine(batch, row, WANT_ALL));

test('selected rows are what they were, in buffers of their own', () => {
  const batch = parse(lines);
  const rows = [49, 0, 3, 14, 7, 7];
  const chosen = selectRows(batch, rows);
  expect(print(chosen)).toEqual(rows.map(row => print(batch)[row]));
  expect(chosen.bytes).toBe(batchBytes(chosen));
  const before = print(batch);
  for (const column of chosen.vectors) column.values.fill(9);
  expect(print(batch)).toEqual(before);
  expect(selectRows(batch, [])).toMatchObject({ count: 0, partition: 'p', ids: [] });
});

test('joined batches are all of their records', () => {
  const parts = [lines.slice(0, 1), lines.slice(1, 2), lines.slice(2, 20), lines.slice(20)].map(parse);
  const joined = joinBatches(parts);
  expect(joined.ids).toEqual(lines.map((_, i) => String(i)));
  expect(digestBatch(joined)).toEqual(digestBatch(parse(lines)));
  expect(joined.bytes).toBe(batchBytes(joined));
});

test('a bitmap only where a vector is missing', () => {
  const [a, b] = [parse(['{"id":"a","vector":[1]}']), parse(['{"id":"b","vector":[2]}'])];
  expect(joinBatches([a, b]).vectors[0]!.present).toBeUndefined();
  expect(joinBatches([a, parse(['{"id":"b"}'])]).vectors[0]!.present).toEqual(Uint8Array.of(1));
});

test('what cannot be joined', () => {
  const batch = parse(['{"id":"a","vector":[1]}']);
  expect(() => joinBatches([])).toThrow('no batch');
  expect(() => joinBatches([batch, parse(['{"id":"a","partition":"q"}'])])).toThrow('different partitions');
  expect(() => joinBatches([batch, parse(['{"id":"b","vector":[1,2]}'])])).toThrow('unlike vectors');
  expect(() => joinBatches([batch, parse(['{"id":"b","vector":[[1]]}'])])).toThrow('unlike vectors');
  expect(joinBatches([batch])).toBe(batch);
});

test('bytes grow with what a batch holds', () => {
  const small = parse(['{"id":"a","vector":[1,2]}']);
  const large = parse([`{"id":"a","vector":[1,2,3,4],"metadata":{"a":"${'x'.repeat(100)}"},"document":"yyyy"}`]);
  expect(large.bytes - small.bytes).toBe(8 + 108 + 4);
});
