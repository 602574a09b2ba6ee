import type { VectorSpec } from './collection.ts';
import type { RecordBatch, Want } from './record.ts';

export interface ParseOptions {
  /** The collection's vectors, which decide element and kind; a vector not listed is f32. Undefined: infer all from the lines. */
  vectors?: VectorSpec[];
  /** Top-level member that holds the id, `id` by default; with it, unknown members become metadata. */
  idField?: string;
  vectorField?: string;
}

/** A line that is not a record: its index in `lines` and why. */
export class LineFault {
  readonly index: number;
  readonly error: Error;
  constructor(index: number, error: Error) {
    this.index = index;
    this.error = error;
  }
}

/**
 * Lines of JSON text (cli.md §5 Records) as one batch per partition, in order; of an id given twice the last wins and takes
 * the place of the first. Every bad line is a fault; `records` counts the good lines including replaced ones.
 */
export function parseRecords(
  _lines: string[],
  _options: ParseOptions,
): { batches: RecordBatch[]; faults: LineFault[]; records: number } {
  throw new Error('pending');
}

/** One record as its line of JSON, without a newline: only the wanted parts; float32 in the shortest decimal that reads back to the same bits. */
export function recordLine(_batch: RecordBatch, _row: number, _want: Want): string {
  throw new Error('pending');
}

/** A record's line with `score` and `rawScore` behind the id. */
export function hitLine(_batch: RecordBatch, _row: number, _want: Want, _score: number, _rawScore: number): string {
  throw new Error('pending');
}
