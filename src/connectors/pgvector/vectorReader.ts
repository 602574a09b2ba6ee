import { VdbError } from '../../model/errors.ts';
import type { VectorColumn } from '../../model/record.ts';
import type { CopyRows } from './copyReader.ts';
import type { VectorColumnLayout } from './layout.ts';

/**
 * One vector field of all rows as a column. Binary layouts (pgvector 0.8, src/vector.c, halfvec.c, sparsevec.c):
 * vector and halfvec are int16 dimension, int16 0 and big-endian elements; sparsevec is int32 dimension, int32 n, int32 0,
 * n int32 indices from 0 and n float4. Bits are moved, never computed with, so -0 and subnormals stay.
 * Returns null when no row has the vector and its dimension is unknown.
 */
export function readVectors(vector: VectorColumnLayout, rows: CopyRows, field: number): VectorColumn | null {
  return vector.type === 'sparsevec' ? readSparse(vector, rows, field) : readDense(vector, rows, field);
}

function readDense(vector: VectorColumnLayout, rows: CopyRows, field: number): VectorColumn | null {
  const { count, bytes } = rows;
  const width = vector.type === 'vector' ? 4 : 2;
  const present = presence(rows, field);
  const first = firstPresent(rows, field);
  const dimension = first < 0 ? vector.dimension : bytes.readUInt16BE(rows.starts[first * rows.fields + field]!);
  if (dimension === null) return null;
  const size = dimension * width;
  const target = Buffer.from(new ArrayBuffer(count * size));
  for (let row = 0; row < count; row++) {
    const at = row * rows.fields + field;
    if (rows.lengths[at]! < 0) continue;
    const start = rows.starts[at]!;
    if (bytes.readUInt16BE(start) !== dimension) {
      throw new VdbError('unsupported', `the column ${vector.column} holds vectors of different dimensions`, {
        outcome: 'not_applied',
      });
    }
    bytes.copy(target, row * size, start + 4, start + 4 + size);
  }
  if (width === 4) target.swap32();
  else target.swap16();
  const values = width === 4 ? new Float32Array(target.buffer) : new Uint16Array(target.buffer);
  return {
    name: vector.name,
    kind: 'dense',
    element: width === 4 ? 'f32' : 'f16',
    dimension,
    values,
    ...(present && { present }),
  };
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
