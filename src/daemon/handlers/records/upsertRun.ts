import { checkBatch } from '../../../core/checkBatch.ts';
import type { Lease } from '../../../core/connections/lease.ts';
import type { CollectionRef } from '../../../core/connector.ts';
import { selectRows } from '../../../model/batch.ts';
import type { VectorSpec } from '../../../model/collection.ts';
import { asVdbError, type Outcome, VdbError } from '../../../model/errors.ts';
import { idKey } from '../../../model/id.ts';
import type { RecordBatch } from '../../../model/record.ts';
import { parseRecords } from '../../../model/recordLine.ts';
import type { LineError, UpsertParams } from '../../../protocol/methods/record.ts';
import type { Request } from '../../handler.ts';

interface Group {
  lines: string[];
  /** Number of its first line in the caller's input. */
  firstLine: number;
}

/** The lines of one call on their way into a collection, in order. */
export class UpsertRun {
  readonly errors: LineError[] = [];
  upserted = 0;
  readonly #params: UpsertParams;
  readonly #request: Request<'record.upsert'>;
  readonly #lease: Lease;
  readonly #ref: CollectionRef;
  readonly #vectors: VectorSpec[];
  /** A refused batch may have been written in part. */
  #unsure = false;

  constructor(
    params: UpsertParams,
    request: Request<'record.upsert'>,
    lease: Lease,
    ref: CollectionRef,
    vectors: VectorSpec[],
  ) {
    this.#params = params;
    this.#request = request;
    this.#lease = lease;
    this.#ref = ref;
    this.#vectors = vectors;
  }

  /** Throws `invalid` at the first bad line beyond `maxErrors`; the lines before it are written, none behind it. */
  async write(group: Group): Promise<void> {
    let parsed = this.#parse(group.lines);
    let stop: { line: number; error: VdbError } | undefined;
    for (const { index, error } of parsed.faults) {
      const line = group.firstLine + index;
      this.#note(line, asVdbError(error));
      if (this.errors.length <= this.#params.maxErrors) continue;
      stop = { line, error: asVdbError(error) };
      parsed = this.#parse(group.lines.slice(0, index));
      break;
    }
    const before = this.errors.length;
    for (const batch of parsed.batches) await this.#writeBatch(batch, group);
    const rows = parsed.batches.reduce((sum, { count }) => sum + count, 0);
    // Lines that a later one with the same id replaced.
    if (this.errors.length === before) this.upserted += parsed.records - rows;
    if (stop) throw this.#stopped(stop.line, stop.error);
    this.#request.progress({ done: this.upserted });
  }

  /** An error of the whole call, with what is known to be written. */
  interrupted(error: VdbError): VdbError {
    if (error.details.data?.upserted !== undefined) return error;
    const { data, outcome } = error.details;
    const known: Outcome | undefined = this.upserted > 0 ? 'partially_applied' : outcome;
    return new VdbError(error.code, error.message, {
      ...error.details,
      ...(known && { outcome: known }),
      data: { ...data, upserted: this.upserted },
    });
  }

  #parse(lines: string[]): ReturnType<typeof parseRecords> {
    const { idField, vectorField } = this.#params;
    return parseRecords(lines, {
      vectors: this.#vectors,
      ...(idField !== undefined && { idField }),
      ...(vectorField !== undefined && { vectorField }),
    });
  }

  /** A batch that the database refuses is halved until the record is found. */
  async #writeBatch(batch: RecordBatch, group: Group): Promise<void> {
    try {
      await this.#writeOnce(batch);
      this.upserted += batch.count;
    } catch (error) {
      if (!(error instanceof VdbError) || error.code !== 'invalid') throw error;
      if (error.details.outcome !== 'not_applied') this.#unsure = true;
      if (batch.count === 1) {
        const line = this.#lineOf(batch, group);
        this.#note(line, error);
        if (this.errors.length > this.#params.maxErrors) throw this.#stopped(line, error);
        return;
      }
      const middle = batch.count >> 1;
      const rows = Array.from(batch.ids.keys());
      await this.#writeBatch(selectRows(batch, rows.slice(0, middle)), group);
      await this.#writeBatch(selectRows(batch, rows.slice(middle)), group);
    }
  }

  async #writeOnce(batch: RecordBatch): Promise<void> {
    const { database } = this.#lease;
    const meant = this.#ref.partition;
    if (meant !== '' && batch.partition !== '' && meant !== batch.partition) {
      throw new VdbError('invalid', `the record belongs to partition '${batch.partition}', not '${meant}'`, {
        outcome: 'not_applied',
      });
    }
    const partition = meant || batch.partition;
    const placed = { ...batch, partition };
    if (this.#params.dryRun) checkBatch(placed, database.capabilities, this.#vectors);
    else await database.upsert({ collection: this.#ref.collection, partition }, placed, {}, this.#request.call);
  }

  /** The last line with the batch's only id: that is the one that counts. */
  #lineOf({ ids, partition }: RecordBatch, { lines, firstLine }: Group): number {
    const key = idKey(ids[0]!);
    for (let index = lines.length - 1; index >= 0; index--) {
      const [found] = this.#parse([lines[index]!]).batches;
      if (found && idKey(found.ids[0]!) === key && found.partition === partition) return firstLine + index;
    }
    throw new VdbError('internal', 'a record of a batch is in none of its lines');
  }

  #note(line: number, { code, message, details: { reason } }: VdbError): void {
    this.errors.push({ line, code, ...(reason && { reason }), message });
  }

  #stopped(line: number, { message, details }: VdbError): VdbError {
    const { reason, cause, hint } = details;
    const outcome: Outcome = this.upserted > 0 ? 'partially_applied' : this.#unsure ? 'unknown' : 'not_applied';
    return new VdbError('invalid', `line ${line}: ${message}`, {
      outcome: this.#params.dryRun ? 'not_applied' : outcome,
      ...(reason && { reason }),
      ...(cause !== undefined && { cause }),
      ...(hint !== undefined && { hint }),
      data: { line, upserted: this.#params.dryRun ? 0 : this.upserted },
    });
  }
}
