import type { Id } from './id.ts';

/** Element types of dense vectors. f16 travels as its raw bits, bit packed most significant bit first. */
export type Element = 'f32' | 'f16' | 'u8' | 'bit';

/**
 * One named vector of every record of a batch; `''` is the unnamed one.
 * `present` is a bitmap (bit i of byte i>>3, least significant first); without it, all records have the vector.
 */
export interface DenseColumn {
  name: string;
  kind: 'dense';
  element: Element;
  /** Components of one vector. */
  dimension: number;
  /** Row-major. f32: Float32Array; f16: Uint16Array of bits; u8: Uint8Array; bit: ceil(dimension/8) bytes a row. */
  values: Float32Array | Uint16Array | Uint8Array;
  present?: Uint8Array;
}

export interface SparseColumn {
  name: string;
  kind: 'sparse';
  /** count+1 offsets into indices and values. */
  offsets: Uint32Array;
  /** Ascending and unique within a record. */
  indices: Uint32Array;
  values: Float32Array;
  present?: Uint8Array;
}

export interface MultiColumn {
  name: string;
  kind: 'multi';
  /** count+1 offsets, in rows. */
  offsets: Uint32Array;
  /** Components of one row. */
  dimension: number;
  values: Float32Array;
  present?: Uint8Array;
}

export type VectorColumn = DenseColumn | SparseColumn | MultiColumn;

/**
 * Records in columns, the only form in which they move between rooms.
 * Buffers are transferable and are never kept by the callee after its call returns.
 */
export interface RecordBatch {
  count: number;
  /** One per batch; `''` when the collection has none. */
  partition: string;
  /** Unique within a batch. */
  ids: Id[];
  vectors: VectorColumn[];
  /** JSON text of an object; undefined equals `{}`. Numbers keep their spelling, so 1 and 1.0 differ. */
  metadata: (string | undefined)[];
  /** Absent differs from `''`. */
  documents?: (string | undefined)[];
  uris?: (string | undefined)[];
  /** Estimate of the batch's size in memory, in bytes; what queues and batch limits count. */
  bytes: number;
}

/** Which parts of records a read must bring; ids always come. */
export interface Want {
  vectors: boolean | string[];
  metadata: boolean;
  document: boolean;
}

export const WANT_ALL: Want = { vectors: true, metadata: true, document: true };

export function isPresent(column: { present?: Uint8Array | undefined }, row: number): boolean {
  return column.present === undefined || ((column.present[row >> 3] ?? 0) & (1 << (row & 7))) !== 0;
}
