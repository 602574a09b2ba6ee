import { selectRows } from '../../model/batch.ts';
import { VdbError } from '../../model/errors.ts';
import type { RecordBatch } from '../../model/record.ts';
import type { Call } from '../connector.ts';
import { failpoint } from '../failpoint.ts';
import type { TransferEnd } from './end.ts';

/** A row that the target would not take, alone. */
export interface RefusedRow {
  row: number;
  error: VdbError;
}

/**
 * Writes batches into one target: cut to its limits, and in halves when refused, until the rows at fault stand alone.
 *
 * `absent` (the ids do not exist) goes with the first attempt only; core/retry.ts drops it when it repeats one. A refused
 * batch may be half applied, so its halves are plain, idempotent upserts.
 */
export class BatchWriter {
  readonly #target: TransferEnd;
  readonly #absent: boolean;
  readonly #onRefused: (error: VdbError, batch: RecordBatch, row: number) => void;

  /** @param onRefused called for each row that stands alone; throws to stop */
  constructor(
    target: TransferEnd,
    absent: boolean,
    onRefused: (error: VdbError, batch: RecordBatch, row: number) => void,
  ) {
    this.#target = target;
    this.#absent = absent;
    this.#onRefused = onRefused;
  }

  /** Resolves when every row is acknowledged or refused. Any other failure is thrown, and what was applied is unknown. */
  async write(batch: RecordBatch, call: Call): Promise<RefusedRow[]> {
    const refused: RefusedRow[] = [];
    for (const [start, end] of this.#cuts(batch)) {
      const whole = start === 0 && end === batch.count;
      const part = whole ? batch : selectRows(batch, rowsOf(start, end));
      await this.#put(part, start, this.#absent, refused, call);
    }
    return refused;
  }

  async #put(batch: RecordBatch, offset: number, absent: boolean, refused: RefusedRow[], call: Call): Promise<void> {
    try {
      const ref = { collection: this.#target.ref.collection, partition: batch.partition };
      await this.#target.database.upsert(ref, batch, absent ? { absent } : {}, call);
      failpoint('batch.sent');
    } catch (error) {
      if (!(error instanceof VdbError) || error.code !== 'invalid') throw error;
      if (batch.count === 1) {
        this.#onRefused(error, batch, 0);
        refused.push({ row: offset, error });
        return;
      }
      const middle = batch.count >> 1;
      await this.#put(selectRows(batch, rowsOf(0, middle)), offset, false, refused, call);
      await this.#put(selectRows(batch, rowsOf(middle, batch.count)), offset + middle, false, refused, call);
    }
  }

  /** Row ranges within the target's limits; a record is taken to be as large as the batch's average. */
  #cuts({ count, bytes }: RecordBatch): [number, number][] {
    const { batchRecords = count, batchBytes = bytes } = this.#target.database.capabilities.limits;
    const parts = Math.max(1, Math.ceil(count / Math.max(1, batchRecords)), Math.ceil(bytes / Math.max(1, batchBytes)));
    const size = Math.max(1, Math.ceil(count / parts));
    return Array.from({ length: Math.ceil(count / size) }, (_, i) => [i * size, Math.min(count, (i + 1) * size)]);
  }
}

function rowsOf(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i);
}
