import { VdbError } from '../../model/errors.ts';
import type { VectorColumn } from '../../model/record.ts';
import type { CopyRows } from './copyReader.ts';
import { ELEMENTS, type VectorColumnLayout } from './layout.ts';

/**
 * One vector field of all rows as a column. Binary layouts (pgvector 0.8, src/vector.c, halfvec.c, sparsevec.c):
 * vector and halfvec are int16 dimension, int16 0 and big-endian elements; sparsevec is int32 dimension, int32 n, int32 0,
 * n int32 indices from 0 and n float4. Of PostgreSQL (18, varbit.c, arrayfuncs.c): bit is int32 bits and bytes, the first bit
 * the most significant; an array int32 dimensions (0 when empty, else 1), int32 flags, element type, int32 elements, int32
 * lower bound, and before each element its int32 length (-1: NULL). Bits are moved, never computed with, so -0 and subnormals
 * stay.
 * Returns null when no row has the vector and its dimension is unknown.
 */
export function readVectors(vector: VectorColumnLayout, rows: CopyRows, field: number): VectorColumn | null {
  if (vector.type === 'sparsevec') return readSparse(vector, rows, field);
  return vector.type === 'vector[]' ? readMulti(vector, rows, field) : readDense(vector, rows, field);
}

function readDense(vector: VectorColumnLayout, rows: CopyRows, field: number): VectorColumn | null {
  const { count, bytes } = rows;
  const element = ELEMENTS[vector.type];
  const dimensionAt = (start: number) => (element === 'bit' ? bytes.readInt32BE(start) : bytes.readUInt16BE(start));
  const present = presence(rows, field);
  const first = firstPresent(rows, field);
  const dimension = first < 0 ? vector.dimension : dimensionAt(rows.starts[first * rows.fields + field]!);
  if (dimension === null) return null;
  const size = element === 'bit' ? Math.ceil(dimension / 8) : dimension * (element === 'f32' ? 4 : 2);
  const target = Buffer.from(new ArrayBuffer(count * size));
  for (let row = 0; row < count; row++) {
    const at = row * rows.fields + field;
    if (rows.lengths[at]! < 0) continue;
    const start = rows.starts[at]!;
    if (dimensionAt(start) !== dimension) throw unlike(vector);
    bytes.copy(target, row * size, start + 4, start + 4 + size);
  }
  const values =
    element === 'f32'
      ? new Float32Array(target.swap32().buffer)
      : element === 'f16'
        ? new Uint16Array(target.swap16().buffer)
        : new Uint8Array(target.buffer);
  return { name: vector.name, kind: 'dense', element, dimension, values, ...(present && { present }) };
}

/** Where an array's elements begin, and a vector's numbers behind its length. */
const [ARRAY_HEAD, VECTOR_HEAD] = [20, 8];

function readMulti(vector: VectorColumnLayout, rows: CopyRows, field: number): VectorColumn | null {
  const { count, bytes } = rows;
  const present = presence(rows, field);
  const offsets = new Uint32Array(count + 1);
  let first: number | undefined;
  for (let row = 0; row < count; row++) {
    const at = row * rows.fields + field;
    const start = rows.starts[at]!;
    const arrays = rows.lengths[at]! < 0 ? 0 : bytes.readInt32BE(start);
    if (arrays > 1) throw unsupported(vector, 'arrays of arrays');
    const held = arrays === 0 ? 0 : bytes.readInt32BE(start + 12);
    if (held > 0) first ??= start + ARRAY_HEAD;
    offsets[row + 1] = offsets[row]! + held;
  }
  if (first === undefined && vector.dimension === null && firstPresent(rows, field) < 0) return null;
  const dimension =
    first === undefined || bytes.readInt32BE(first) < 0 ? (vector.dimension ?? 0) : bytes.readUInt16BE(first + 4);
  const size = dimension * 4;
  const target = Buffer.from(new ArrayBuffer(offsets[count]! * size));
  for (let row = 0; row < count; row++) {
    let start = rows.starts[row * rows.fields + field]! + ARRAY_HEAD;
    for (let i = offsets[row]!; i < offsets[row + 1]!; i++) {
      if (bytes.readInt32BE(start) < 0) throw unsupported(vector, 'arrays with NULL in them');
      if (bytes.readUInt16BE(start + 4) !== dimension) throw unlike(vector);
      start += VECTOR_HEAD;
      bytes.copy(target, i * size, start, start + size);
      start += size;
    }
  }
  const values = new Float32Array(target.swap32().buffer);
  return { name: vector.name, kind: 'multi', offsets, dimension, values, ...(present && { present }) };
}

function unlike(vector: VectorColumnLayout): VdbError {
  return unsupported(vector, 'vectors of different dimensions');
}

function unsupported(vector: VectorColumnLayout, what: string): VdbError {
  return new VdbError('unsupported', `the column ${vector.column} holds ${what}`, { outcome: 'not_applied' });
}

function readSparse(vector: VectorColumnLayout, rows: CopyRows, field: number): VectorColumn {
  const { count, bytes } = rows;
  const present = presence(rows, field);
  const offsets = new Uint32Array(count + 1);
  for (let row = 0; row < count; row++) {
    const at = row * rows.fields + field;
    offsets[row + 1] = offsets[row]! + (rows.lengths[at]! < 0 ? 0 : bytes.readInt32BE(rows.starts[at]! + 4));
  }
  const indices = new Uint32Array(offsets[count]!);
  const values = new Float32Array(offsets[count]!);
  for (let row = 0; row < count; row++) {
    const n = offsets[row + 1]! - offsets[row]!;
    const start = rows.starts[row * rows.fields + field]! + 12;
    for (let i = 0; i < n; i++) {
      indices[offsets[row]! + i] = bytes.readInt32BE(start + 4 * i);
      values[offsets[row]! + i] = bytes.readFloatBE(start + 4 * (n + i));
    }
  }
  return { name: vector.name, kind: 'sparse', offsets, indices, values, ...(present && { present }) };
}

function firstPresent(rows: CopyRows, field: number): number {
  for (let row = 0; row < rows.count; row++) if (rows.lengths[row * rows.fields + field]! >= 0) return row;
  return -1;
}

/** Undefined when all rows have it. */
function presence(rows: CopyRows, field: number): Uint8Array | undefined {
  let bitmap: Uint8Array | undefined;
  for (let row = 0; row < rows.count; row++) {
    if (rows.lengths[row * rows.fields + field]! >= 0) continue;
    bitmap ??= new Uint8Array((rows.count + 7) >> 3).fill(255);
    bitmap[row >> 3]! &= ~(1 << (row & 7));
  }
  return bitmap;
}
