import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { VectorSpec } from '../../src/model/collection.ts';
import { digestBatch } from '../../src/model/digest.ts';
import { type Exact, printExact } from '../../src/model/json/exact.ts';
import type { RecordBatch } from '../../src/model/record.ts';
import { WANT_ALL } from '../../src/model/record.ts';
import { parseRecords, recordLine } from '../../src/model/recordLine.ts';

interface Golden {
  name: string;
  line: string;
  vectors: VectorSpec[];
  content: string;
  vector: string;
  bucket: number;
}
const golden = JSON.parse(readFileSync(new URL('./golden/digests.json', import.meta.url), 'utf8')) as Golden[];

function batchOf(line: string, vectors?: VectorSpec[]): RecordBatch {
  const { batches, faults } = parseRecords([line], vectors ? { vectors } : {});
  expect(faults).toEqual([]);
  return batches[0]!;
}

function digests(line: string, vectors?: VectorSpec[]): { content: string; vector: string; bucket: number } {
  const { content, vector, bucket } = digestBatch(batchOf(line, vectors));
  return {
    content: Buffer.from(content).toString('hex'),
    vector: Buffer.from(vector).toString('hex'),
    bucket: bucket[0]!,
  };
}

test('there are twenty golden vectors', () => expect(golden).toHaveLength(20));

test.each(golden)('golden: $name', ({ line, vectors, content, vector, bucket }) => {
  expect(digests(line, vectors)).toEqual({ content, vector, bucket });
  // And again after a trip through our own printer.
  expect(digests(recordLine(batchOf(line, vectors), 0, WANT_ALL), vectors)).toEqual({ content, vector, bucket });
});

test('what differs', () => {
  const different = [
    '{"id":"7"}',
    '{"id":7}',
    '{"id":"7","partition":"a"}',
    '{"id":"7","document":""}',
    '{"id":"7","uri":""}',
    '{"id":"7","metadata":{"a":1}}',
    '{"id":"7","metadata":{"a":1.0}}',
    '{"id":"7","metadata":{"a":"1"}}',
    '{"id":"7","metadata":{"a":0.0}}',
    '{"id":"7","metadata":{"a":-0.0}}',
    '{"id":"7","metadata":{"a":null}}',
    '{"id":"7","metadata":{"a":[]}}',
    '{"id":"7","metadata":{"a":{}}}',
    '{"id":"7","metadata":{"a":[1,[2]]}}',
    '{"id":"7","metadata":{"a":[[1],2]}}',
    '{"id":"7","metadata":{"a":{"$date":"2024"}}}',
    '{"id":"7","metadata":{"a":"2024"}}',
  ];
  expect(new Set(different.map(line => digests(line).content)).size).toBe(different.length);
  const vectors = [
    '{"id":"7"}',
    '{"id":"7","vector":[0]}',
    '{"id":"7","vector":[-0]}',
    '{"id":"7","vector":[0,0]}',
    '{"id":"7","vector":[[0,0]]}',
    '{"id":"7","vector":[[0],[0]]}',
    '{"id":"7","vectors":{"a":[0]}}',
    '{"id":"7","vector":{"indices":[],"values":[]}}',
    '{"id":"7","vector":{"indices":[0],"values":[1]}}',
    '{"id":"7","vector":{"indices":[1],"values":[1]}}',
  ];
  expect(new Set(vectors.map(line => digests(line).vector)).size).toBe(vectors.length);
  expect(new Set(vectors.map(line => digests(line).content)).size).toBe(1);
  expect(new Set(different.slice(3).map(line => digests(line).vector)).size).toBe(1);
});

test('neither order of keys, spelling nor white space count', () => {
  const leaf = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: 'binary' }),
  );
  const { object } = fc.letrec<{ object: Exact }>(tie => ({
    object: fc
      .array(
        fc.tuple(
          fc.string({ unit: 'grapheme', maxLength: 4 }),
          fc.oneof({ maxDepth: 3 }, leaf, tie('object'), fc.array(leaf, { maxLength: 3 })),
        ),
        { maxLength: 20 },
      )
      .map(entries => new Map<string, Exact>(entries)),
  }));
  const batch: RecordBatch = { count: 1, partition: '', ids: ['a'], vectors: [], metadata: [], bytes: 0 };
  const content = (text: string) => Buffer.from(digestBatch({ ...batch, metadata: [text] }).content).toString('hex');
  fc.assert(
    fc.property(object, original => {
      const reversed = (value: Exact): Exact =>
        value instanceof Map ? new Map([...value].reverse().map(([key, inner]) => [key, reversed(inner)])) : value;
      const text = printExact(original);
      const escaped = printExact(reversed(original)).replace(
        /[\u0080-\uffff]/g,
        c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
      expect(content(` ${escaped} \n`)).toBe(content(text));
    }),
    { numRuns: 500 },
  );
});

test.each(['{"a":1,"a":2}', '{"b":1,"a":1,"b":1}', '[1]', '{"a":}', '{"a":1}x', '{"a":"\\ud800"}'])(
  'metadata %s is refused',
  text => {
    const batch: RecordBatch = { count: 1, partition: '', ids: ['a'], vectors: [], metadata: [text], bytes: 0 };
    expect(() => digestBatch(batch)).toThrow(expect.objectContaining({ code: 'invalid' }));
  },
);

test('a row counts the same in any batch, and large values make room for themselves', () => {
  const lines = Array.from({ length: 40 }, (_, i) => {
    const text = 'ü'.repeat(i * 3000);
    return `{"id":"${i}","metadata":{"t":"${text}","a":[${i},1.5]},"document":"${text}","vector":[${i},0.5]}`;
  });
  const whole = digestBatch(parseRecords(lines, {}).batches[0]!);
  lines.forEach((line, i) => {
    const one = digestBatch(batchOf(line));
    expect(one.content).toEqual(whole.content.slice(i * 16, i * 16 + 16));
    expect(one.vector).toEqual(whole.vector.slice(i * 16, i * 16 + 16));
    expect(one.bucket[0]).toBe(whole.bucket[i]);
  });
});
