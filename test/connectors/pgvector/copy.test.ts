import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonAt, readCopy, textAt } from '../../../src/connectors/pgvector/copyReader.ts';
import { jsonColumn, textColumn, vectorColumn, writeCopy } from '../../../src/connectors/pgvector/copyWriter.ts';
import type { VectorColumnLayout } from '../../../src/connectors/pgvector/layout.ts';
import { readVectors } from '../../../src/connectors/pgvector/vectorReader.ts';
import type { RecordBatch, VectorColumn } from '../../../src/model/record.ts';

test('one row is written as the server writes it', () => {
  const batch = batchOf(1, {
    name: '',
    kind: 'dense',
    element: 'f32',
    dimension: 3,
    values: Float32Array.of(1, -0, 1e-45),
  });
  // What PostgreSQL 18 wrote for `copy (select '[1,-0,1e-45]'::vector) to stdout (format binary)`.
  const hex = '5047434f50590aff0d0a000000000000000000000100000010000300003f8000008000000000000001ffff';
  expect(Buffer.from(writeCopy(1, [vectorColumn(batch, '', 0)])).toString('hex')).toBe(hex);
});

test('texts and vectors come back bit by bit, also through many rows', () => {
  const float = fc.float({ noNaN: true, noDefaultInfinity: true });
  const row = fc.record({
    text: fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
    vector: fc.option(fc.array(float, { minLength: 5, maxLength: 5 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), rows => {
      const values = Float32Array.from(rows.flatMap(each => each.vector ?? [0, 0, 0, 0, 0]));
      const present = new Uint8Array((rows.length + 7) >> 3);
      rows.forEach((each, i) => {
        if (each.vector) present[i >> 3]! |= 1 << (i & 7);
      });
      const column = { name: 'v', kind: 'dense', element: 'f32', dimension: 5, values, present } as const;
      const written = writeCopy(rows.length, [
        textColumn(rows.map(each => each.text)),
        vectorColumn(batchOf(rows.length, column), 'v', 0),
      ]);
      const read = readCopy(written, 2);
      expect(rows.map((_, i) => textAt(read, i, 0))).toEqual(rows.map(each => each.text));
      const layout: VectorColumnLayout = {
        column: 'v',
        name: 'v',
        type: 'vector',
        kind: 'dense',
        dimension: 5,
        metric: null,
      };
      const back = readVectors(layout, read, 1) as typeof column;
      expect(Buffer.from(back.values.buffer)).toEqual(Buffer.from(values.buffer));
      rows.forEach((each, i) => {
        const has = back.present === undefined || (back.present[i >> 3]! & (1 << (i & 7))) !== 0;
        expect(has).toBe(each.vector !== undefined);
      });
      // What was given stays as it was.
      expect(values[0]).toBe(Math.fround(rows[0]!.vector?.[0] ?? 0));
    }),
  );
});

test('sparse vectors lose their zeros and nothing else', () => {
  const column = {
    name: '',
    kind: 'sparse',
    offsets: Uint32Array.of(0, 3, 3),
    indices: Uint32Array.of(1, 5, 9),
    values: Float32Array.of(0.5, 0, -2),
  } as const;
  const read = readCopy(writeCopy(2, [vectorColumn(batchOf(2, column), '', 10)]), 1);
  const layout: VectorColumnLayout = {
    column: 'v',
    name: '',
    type: 'sparsevec',
    kind: 'sparse',
    dimension: 10,
    metric: null,
  };
  expect(readVectors(layout, read, 0)).toEqual({
    ...column,
    offsets: Uint32Array.of(0, 2, 2),
    indices: Uint32Array.of(1, 9),
    values: Float32Array.of(0.5, -2),
  });
});

test('bits are written as the server writes them, the first the most significant', () => {
  // What PostgreSQL 18 wrote for `copy (values (B'100000000011'), (null)) to stdout (format binary)`.
  const hex = '5047434f50590aff0d0a0000000000000000000001000000060000000c80300001ffffffffffff';
  const column = {
    name: '',
    kind: 'dense',
    element: 'bit',
    dimension: 12,
    values: Uint8Array.of(0x80, 0x30, 0, 0),
    present: Uint8Array.of(1),
  } as const;
  const written = writeCopy(2, [vectorColumn(batchOf(2, column), '', 0)]);
  expect(Buffer.from(written).toString('hex')).toBe(hex);
  const layout: VectorColumnLayout = {
    column: 'v',
    name: '',
    type: 'bit',
    kind: 'dense',
    dimension: 12,
    metric: null,
  };
  expect(readVectors(layout, readCopy(written, 1), 0)).toMatchObject({
    element: 'bit',
    dimension: 12,
    values: column.values,
  });
});

test('arrays of vectors are written as the server writes them, also empty ones', () => {
  const column = {
    name: '',
    kind: 'multi',
    offsets: Uint32Array.of(0, 2, 2, 2),
    dimension: 2,
    values: Float32Array.of(1, -0, 1e-45, 2),
    present: Uint8Array.of(0b011),
  } as const;
  const written = writeCopy(3, [vectorColumn(batchOf(3, column), '', 0, 16_385)]);
  // What PostgreSQL 18 wrote for `copy (values (array['[1,-0]', '[1e-45,2]']::vector[]), ('{}'), (null)) to stdout
  // (format binary)`, where vector had the OID 0x4001.
  const head = '5047434f50590aff0d0a0000000000000000000001';
  const two =
    '0000003400000001000000000000400100000002000000010000000c000200003f800000800000000000000c000200000000000140000000';
  const empty = '00010000000c000000000000000000004001';
  expect(Buffer.from(written).toString('hex')).toBe(`${head}${two}${empty}0001ffffffffffff`);
  const layout: VectorColumnLayout = {
    column: 'v',
    name: '',
    type: 'vector[]',
    kind: 'multi',
    dimension: 2,
    metric: null,
    elementType: 16_385,
  };
  expect(readVectors(layout, readCopy(written, 1), 0)).toEqual({ ...column, present: Uint8Array.of(0b11111011) });
});

test('jsonb comes without the spaces between its parts', () => {
  const stored = '{"a": 1, "b , c": [1, "x: \\" , y", "\\\\"], "é": {"n": null}}';
  const read = readCopy(writeCopy(1, [jsonColumn([stored])]), 1);
  expect(jsonAt(read, 0, 0)).toBe('{"a":1,"b , c":[1,"x: \\" , y","\\\\"],"é":{"n":null}}');
});

test('what is not COPY is refused', () => {
  expect(() => readCopy(new Uint8Array(30), 1)).toThrow('signature');
});

function batchOf(count: number, column: VectorColumn): RecordBatch {
  const ids = Array.from({ length: count }, (_, i) => `r${i}`);
  return { count, partition: '', ids, vectors: [column], metadata: new Array(count), bytes: 0 };
}
