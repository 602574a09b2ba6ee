import {
  type DenseColumn,
  isPresent,
  type MultiColumn,
  type RecordBatch,
  type SparseColumn,
  type VectorColumn,
} from '../../model/record.ts';

/** A column of what COPY reads: of row `i`, how many bytes (-1: NULL), and those bytes put at an offset. */
export interface CopyColumn {
  size(row: number): number;
  write(target: Buffer, at: number, row: number): void;
}

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');

/** `COPY … (FORMAT binary)` of these columns, in one buffer. */
export function writeCopy(count: number, columns: CopyColumn[]): Uint8Array<ArrayBuffer> {
  const sizes = new Int32Array(count * columns.length);
  let total = SIGNATURE.length + 2 + count * (2 + 4 * columns.length);
  columns.forEach((column, index) => {
    for (let row = 0; row < count; row++) {
      const size = column.size(row);
      sizes[row * columns.length + index] = size;
      if (size > 0) total += size;
    }
  });
  const bytes = new Uint8Array(total);
  const target = Buffer.from(bytes.buffer);
  SIGNATURE.copy(target);
  let at = SIGNATURE.length;
  for (let row = 0; row < count; row++) {
    at = target.writeInt16BE(columns.length, at);
    for (let index = 0; index < columns.length; index++) {
      const size = sizes[row * columns.length + index]!;
      at = target.writeInt32BE(size, at);
      if (size < 0) continue;
      columns[index]!.write(target, at, row);
      at += size;
    }
  }
  target.writeInt16BE(-1, at);
  return bytes;
}

export function textColumn(texts: (string | undefined)[] | undefined): CopyColumn {
  return {
    size: row => (texts?.[row] === undefined ? -1 : Buffer.byteLength(texts[row])),
    write: (target, at, row) => target.write(texts![row]!, at),
  };
}

/** One byte of version stands before the text. */
export function jsonColumn(texts: string[]): CopyColumn {
  return {
    size: row => Buffer.byteLength(texts[row]!) + 1,
    write: (target, at, row) => {
      target[at] = 1;
      target.write(texts[row]!, at + 1);
    },
  };
}

/**
 * A vector of the batch as `vector`, `halfvec`, `bit`, `sparsevec` or `vector[]` (layouts: vectorReader.ts), whose elements
 * are of the type with the OID `elementType`; without one, all NULL.
 */
export function vectorColumn(batch: RecordBatch, name: string, sparseDimension: number, elementType = 0): CopyColumn {
  const column = batch.vectors.find(each => each.name === name);
  if (column === undefined) return { size: () => -1, write: () => undefined };
  const inner =
    column.kind === 'sparse'
      ? sparseColumn(column, sparseDimension)
      : column.kind === 'multi'
        ? multiColumn(column, elementType)
        : column.element === 'bit'
          ? bitColumn(column)
          : denseColumn(column);
  return { size: row => (isPresent(column, row) ? inner.size(row) : -1), write: inner.write };
}

/** A copy in the server's byte order. */
function bigEndian(values: VectorColumn['values']): Buffer {
  const swapped = Buffer.from(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return values.BYTES_PER_ELEMENT === 4 ? swapped.swap32() : swapped.swap16();
}

function denseColumn({ values, dimension }: DenseColumn): CopyColumn {
  const swapped = bigEndian(values);
  const size = dimension * values.BYTES_PER_ELEMENT;
  return {
    size: () => 4 + size,
    write(target, at, row) {
      target.writeUInt16BE(dimension, at);
      swapped.copy(target, at + 4, row * size, (row + 1) * size);
    },
  };
}

function bitColumn({ values, dimension }: DenseColumn): CopyColumn {
  const size = Math.ceil(dimension / 8);
  return {
    size: () => 4 + size,
    write(target, at, row) {
      target.writeInt32BE(dimension, at);
      target.set(values.subarray(row * size, (row + 1) * size), at + 4);
    },
  };
}

/** An array without elements has no dimension either, and ends behind its type. */
function multiColumn({ offsets, values, dimension }: MultiColumn, elementType: number): CopyColumn {
  const swapped = bigEndian(values);
  const size = dimension * 4;
  const rows = (row: number) => offsets[row + 1]! - offsets[row]!;
  return {
    size: row => (rows(row) === 0 ? 12 : 20 + rows(row) * (8 + size)),
    write(target, at, row) {
      target.writeInt32BE(rows(row) === 0 ? 0 : 1, at);
      target.writeInt32BE(0, at + 4);
      target.writeUInt32BE(elementType, at + 8);
      if (rows(row) === 0) return;
      target.writeInt32BE(rows(row), at + 12);
      target.writeInt32BE(1, at + 16);
      let to = at + 20;
      for (let i = offsets[row]!; i < offsets[row + 1]!; i++) {
        target.writeInt32BE(4 + size, to);
        target.writeUInt16BE(dimension, to + 4);
        swapped.copy(target, to + 8, i * size, (i + 1) * size);
        to += 8 + size;
      }
    },
  };
}

/** Zeros, which sparsevec refuses, are dropped: they are what a missing index means. */
function sparseColumn(column: SparseColumn, dimension: number): CopyColumn {
  const { offsets, indices, values } = column;
  const held = (row: number) => {
    let n = 0;
    for (let i = offsets[row]!; i < offsets[row + 1]!; i++) if (values[i] !== 0) n++;
    return n;
  };
  return {
    size: row => 12 + 8 * held(row),
    write(target, at, row) {
      const n = held(row);
      target.writeInt32BE(dimension, at);
      target.writeInt32BE(n, at + 4);
      let index = at + 12;
      let value = index + 4 * n;
      for (let i = offsets[row]!; i < offsets[row + 1]!; i++) {
        if (values[i] === 0) continue;
        index = target.writeInt32BE(indices[i]!, index);
        value = target.writeFloatBE(values[i]!, value);
      }
    },
  };
}
