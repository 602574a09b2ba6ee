import type { RecordBatch } from './record.ts';

/** Digests of a batch, by row: 16 bytes each, and the fingerprint bucket (first 12 bits of SHA-256(enc(id))). data.md §5. */
export interface BatchDigests {
  count: number;
  content: Uint8Array;
  vector: Uint8Array;
  bucket: Uint16Array;
}

export function digestBatch(_batch: RecordBatch): BatchDigests {
  throw new Error('pending');
}
