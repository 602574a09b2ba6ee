import type { RecordBatch } from './record.ts';

/** Estimate of a batch's bytes, for `RecordBatch.bytes`. */
export function batchBytes(_batch: Omit<RecordBatch, 'bytes'>): number {
  throw new Error('pending');
}

/** The rows of `batch` named by index, in that order, as a new batch with buffers of its own. */
export function selectRows(_batch: RecordBatch, _rows: number[]): RecordBatch {
  throw new Error('pending');
}

/** Batches of one partition and the same vector columns joined into one; columns missing in some are filled as absent. */
export function joinBatches(_batches: RecordBatch[]): RecordBatch {
  throw new Error('pending');
}
