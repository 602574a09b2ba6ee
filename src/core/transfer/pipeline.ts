import type { BatchDigests } from '../../model/digest.ts';
import { VdbError } from '../../model/errors.ts';
import { Fingerprint, sumDigests } from '../../model/fingerprint.ts';
import { idKey } from '../../model/id.ts';
import { type RecordBatch, WANT_ALL } from '../../model/record.ts';
import { recordLine } from '../../model/recordLine.ts';
import type { Call } from '../connector.ts';
import { failpoint } from '../failpoint.ts';
import { AckOrder } from './ackOrder.ts';
import { BatchWriter, type RefusedRow } from './batchWriter.ts';
import { ByteQueue } from './byteQueue.ts';
import { appendDeadLetters, type DeadLetter } from './deadLetters.ts';
import type { DigestPool } from './digestPool.ts';
import { endRef, type TransferEnd } from './end.ts';
import { checkPrecision } from './fieldCensus.ts';
import type { JobPlan } from './jobPlan.ts';
import type { Journal } from './journal.ts';
import type { BatchLine } from './journalLine.ts';
import { preexisting } from './overlap.ts';
import { Pace } from './pace.ts';
import { type MappedPage, readMapped, type Side } from './readMapped.ts';
import type { Tally } from './tally.ts';
import { CONCURRENCY, type Tuning } from './transferLimits.ts';

export interface PipelineInput {
  plan: JobPlan;
  source: Side;
  target: TransferEnd;
  journal: Journal;
  /** What the journal holds already; grows with each line. */
  tally: Tally;
  deadLetters: string;
  /** No run of this job was interrupted, and the target held nothing when it began. */
  absent: boolean;
  resumed: boolean;
  /** None: the job does not digest. */
  pool: DigestPool | null;
  tuning: Tuning;
  onProgress(): void;
}

/** The sum of no digests. */
const NOTHING = '0'.repeat(32);

interface Item extends MappedPage {
  range: number;
  n: number;
}

/**
 * Reads, maps and writes until every range is in the target and acknowledged in the journal: readers and writers overlap, with a
 * queue bounded in bytes between them. The first failure stops all; what is under way then still gets `reads`' and `writes`'
 * signals. Returns the fingerprint of what this run read, with its buckets.
 */
export async function pipeline(input: PipelineInput, reads: Call, writes: Call): Promise<Fingerprint> {
  const { plan, source, target, tally, tuning } = input;
  const queue = new ByteQueue<Item>(tuning.queueBytes);
  const stop = new AbortController();
  const readCall = { ...reads, signal: AbortSignal.any([reads.signal, stop.signal]) };
  const fail = (error: unknown): void => {
    queue.fail(error);
    stop.abort(error);
    sink.abandon();
  };
  const sink = new Sink(input, error => fail(error));
  const pace = new Pace(tuning.rate);

  const read = async (range: number): Promise<void> => {
    const at = tally.ranges.get(range);
    const { batchRecords, batchBytes } = readSize(target, tuning);
    const options = { want: WANT_ALL, range: plan.ranges[range]!, batchBytes, batchRecords };
    let n = at?.next ?? 0;
    for await (const page of readMapped(source, at ? { ...options, after: at.after } : options, readCall)) {
      await pace.pass(page.batch.count, readCall.signal);
      await queue.push({ ...page, range, n: n++ }, page.batch.bytes);
    }
  };
  const write = async (): Promise<void> => {
    for (let item = await queue.shift(); item; item = await queue.shift()) await sink.write(item, writes);
  };

  const writers = Array.from({ length: writerCount(target, tuning) }, () => write().catch(failing(fail)));
  const readers = plan.ranges.map((_, range) => read(range).catch(failing(fail)));
  const read_ = Promise.all(readers).then(() => queue.close());
  const results = await Promise.allSettled([read_, ...readers, ...writers]);
  await sink.settled();
  // Every part fails with the first failure, which the queue and the signal handed on.
  const failed = results.find(result => result.status === 'rejected');
  if (failed) throw stop.signal.reason ?? failed.reason;
  if (sink.failure !== undefined) throw sink.failure;
  return sink.fingerprint;
}

/** Takes batches to the target and their acknowledgements to the journal. */
class Sink {
  readonly fingerprint = new Fingerprint();
  failure: unknown;
  readonly #input: PipelineInput;
  readonly #fail: (error: unknown) => void;
  readonly #writer: BatchWriter;
  readonly #order: AckOrder;
  readonly #appends = new Set<Promise<void>>();
  /** Writers that wait for their batch's line to be on disk. */
  readonly #waiting = new Map<string, () => void>();
  #abandoned = false;
  #dead: number;

  constructor(input: PipelineInput, fail: (error: unknown) => void) {
    const { target, absent, tally } = input;
    this.#input = input;
    this.#fail = fail;
    this.#dead = tally.dead;
    this.#order = new AckOrder(new Map([...tally.ranges].map(([range, { next }]) => [range, next])));
    this.#writer = new BatchWriter(target, absent, (error, batch, row) => this.#refuse(error, batch, row));
  }

  /** Resolves when the batch is journaled, so that a resumed job sends no more again than the batches of its writers. */
  async write(item: Item, call: Call): Promise<void> {
    const { batch, unmappable } = item;
    const { plan, pool, target, resumed } = this.#input;
    for (const { error, source, row } of unmappable) this.#refuse(error, source, row);
    checkPrecision(batch, plan.mapping.rename, plan.acceptLoss);
    const { mode, overwrite } = plan.plan;
    const before =
      mode === 'append' && batch.count > 0 ? await preexisting(target, batch, { overwrite, resumed }, call) : 0;
    const digesting = batch.count > 0 ? (pool?.digest(batch) ?? null) : null;
    const [digests, refused] = await Promise.all([
      digesting,
      batch.count > 0 ? this.#writer.write(batch, call) : ([] as RefusedRow[]),
    ]);
    failpoint('batch.acked');
    if (refused.length > 0 || unmappable.length > 0) await this.#bury(item, refused, call);
    await this.#acknowledge(item, refused, before, digests);
  }

  /** Nobody waits for predecessors any more: one of them failed. */
  abandon(): void {
    this.#abandoned = true;
    for (const proceed of this.#waiting.values()) proceed();
    this.#waiting.clear();
  }

  /** Resolves when every line handed to the journal is on disk or has failed. */
  async settled(): Promise<void> {
    while (this.#appends.size > 0) await Promise.all(this.#appends);
  }

  #acknowledge(item: Item, refused: RefusedRow[], before: number, digests: BatchDigests | null): Promise<void> {
    const { range, n, cursor: after, read, filtered, batch, unmappable } = item;
    const sums = this.#digest(digests, refused);
    const dead = refused.length + unmappable.length;
    // Which of the ids were there before is counted, not kept: refused rows count as dead first.
    const existing = Math.min(before, batch.count - refused.length);
    const written = batch.count - refused.length - existing;
    const counts = { count: read, written, filtered, dead, preexisting: existing, bytes: batch.bytes };
    return new Promise(resolve => {
      if (this.#abandoned) resolve();
      else this.#waiting.set(`${range} ${n}`, resolve);
      for (const line of this.#order.take({ range, n, after, ...counts, ...sums })) this.#append(line);
    });
  }

  #append(line: BatchLine): void {
    const { journal, tally, onProgress } = this.#input;
    const appended = journal.append(line).then(
      () => {
        tally.add(line);
        onProgress();
        const key = `${line.range} ${line.n}`;
        this.#waiting.get(key)?.();
        this.#waiting.delete(key);
      },
      error => {
        this.failure ??= error;
        this.#fail(error);
      },
    );
    this.#appends.add(appended);
    void appended.finally(() => this.#appends.delete(appended));
  }

  #digest(digests: BatchDigests | null, refused: RefusedRow[]): { content: string | null; vector: string | null } {
    if (this.#input.pool === null) return { content: null, vector: null };
    if (!digests) return { content: NOTHING, vector: NOTHING };
    const kept = refused.length === 0 ? digests : without(digests, refused);
    this.fingerprint.add(kept);
    return sumDigests(kept);
  }

  /** Counts a record that cannot be written; throws when that is one too many. */
  #refuse(error: VdbError, batch: RecordBatch, row: number): void {
    if (++this.#dead <= this.#input.plan.maxErrors) return;
    const { maxErrors, id: job } = this.#input.plan;
    const id = String(batch.ids[row]);
    const which = maxErrors === 0 ? '' : ` (after ${maxErrors} others)`;
    throw new VdbError(
      'invalid',
      `record '${id}' was refused by ${endRef(this.#input.target)}${which}: ${error.message}`,
      {
        ...error.details,
        outcome: 'partially_applied',
        data: { id, job },
        hint: "Mend the record, or pass refused ones over with '--max-errors N' in a new migration.",
      },
    );
  }

  /** Looks whether the target holds the refused ids before it says that they were not written. */
  async #bury(item: Item, refused: RefusedRow[], call: Call): Promise<void> {
    const { range, n, batch, unmappable } = item;
    const rows = [
      ...refused.map(({ row, error }) => ({ row, error, records: batch })),
      ...unmappable.map(({ row, error, source }) => ({ row, error, records: source })),
    ];
    const { target, plan, deadLetters } = this.#input;
    const ids = rows.map(({ row, records }) => records.ids[row]!);
    const none = { vectors: false, metadata: false, document: false };
    const found = await target.database.fetch(target.ref, ids, none, call).catch(ignoreInvalid);
    const there = new Set(found?.ids.map(idKey));
    const letters = rows.map(({ row, error, records }): DeadLetter => {
      const id = records.ids[row]!;
      const { code, message, details } = error;
      return {
        ...{ job: plan.id, range, n, key: idKey(id), id: String(id), code },
        ...(details.reason ? { reason: details.reason } : {}),
        ...{ message, attempts: details.attempts ?? 1, inTarget: there.has(idKey(id)) },
        record: lineOf(records, row),
      };
    });
    await appendDeadLetters(deadLetters, letters);
  }
}

/** A record with a number that no JSON can hold is kept without its vectors. */
function lineOf(batch: RecordBatch, row: number): string {
  try {
    return recordLine(batch, row, WANT_ALL);
  } catch {
    return recordLine(batch, row, { ...WANT_ALL, vectors: false });
  }
}

function writerCount(target: TransferEnd, { concurrency = CONCURRENCY }: Tuning): number {
  return target.database.capabilities.exclusive ? 1 : concurrency;
}

/** Pages as the target takes them, so that few batches are cut. */
function readSize(
  target: TransferEnd,
  { batchBytes, batchRecords }: Tuning,
): { batchBytes: number; batchRecords: number } {
  const { limits } = target.database.capabilities;
  return {
    batchBytes: Math.min(batchBytes, limits.batchBytes ?? batchBytes),
    batchRecords: Math.min(batchRecords, limits.batchRecords ?? batchRecords),
  };
}

function without(digests: BatchDigests, refused: RefusedRow[]): BatchDigests {
  const bad = new Set(refused.map(({ row }) => row));
  const rows = Array.from({ length: digests.count }, (_, row) => row).filter(row => !bad.has(row));
  const pick = (all: Uint8Array): Uint8Array => {
    const some = new Uint8Array(rows.length * 16);
    for (const [i, row] of rows.entries()) some.set(all.subarray(row * 16, row * 16 + 16), i * 16);
    return some;
  };
  const bucket = Uint16Array.from(rows, row => digests.bucket[row]!);
  return { count: rows.length, content: pick(digests.content), vector: pick(digests.vector), bucket };
}

function failing(fail: (error: unknown) => void): (error: unknown) => never {
  return error => {
    fail(error);
    throw error;
  };
}

/** Ids that the target cannot even be asked for are not in it. */
function ignoreInvalid(error: unknown): undefined {
  if (error instanceof VdbError && error.code === 'invalid') return undefined;
  throw error;
}
