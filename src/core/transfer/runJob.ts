import { readFile, rm } from 'node:fs/promises';
import { asVdbError, errorToJson, VdbError } from '../../model/errors.ts';
import type { Fingerprint } from '../../model/fingerprint.ts';
import type { JobState } from '../../model/job.ts';
import type { MigrationResult, Verification } from '../../model/transfer.ts';
import type { Call, JsonValue } from '../connector.ts';
import { failpoint } from '../failpoint.ts';
import { replaceFile } from '../files/replaceFile.ts';
import { targetReading } from './comparisonMapping.ts';
import { countOf } from './countOf.ts';
import { keepDeadLetters } from './deadLetters.ts';
import { DigestPool } from './digestPool.ts';
import { collectionKey, type TransferEnd } from './end.ts';
import { type IdSpool, openSpool, writeSpool } from './idSpool.ts';
import type { JobPlan } from './jobPlan.ts';
import type { JobStore } from './jobStore.ts';
import type { Journal } from './journal.ts';
import type { ProbeLine } from './journalLine.ts';
import { pipeline } from './pipeline.ts';
import { prepareTarget } from './prepareTarget.ts';
import { type Side, walkIds } from './readMapped.ts';
import { settled } from './settled.ts';
import { Tally } from './tally.ts';
import { CANCEL_GRACE_MS, type Tuning } from './transferLimits.ts';
import { vectorRules } from './vectorRule.ts';
import { verify } from './verify.ts';

/** A job that moves more has its digest workers started at once. */
const WARM_BYTES = 1024 * 1024;

export interface RunInput {
  store: JobStore;
  plan: JobPlan;
  source: TransferEnd;
  target: TransferEnd;
  tuning: Tuning;
  /** Aborted to cancel: what is under way is acknowledged first, for at most 3 s. */
  call: Call;
  onProgress?: (done: number, total: number | null, note?: string) => void;
}

/**
 * Runs a job to its end, from where its journal stands, as its only owner. Returns what a `done` job gave without writing.
 * Throws what stopped it, once its state is on disk, with the job's id in `data.job`.
 */
export async function runJob(input: RunInput): Promise<MigrationResult> {
  const { store, plan, target } = input;
  return store.own(plan.id, collectionKey(target), async () => {
    const { journal, lines } = await store.openJournal(plan.id);
    try {
      const tally = new Tally(lines);
      if (tally.end?.state === 'done' && tally.end.result) return tally.end.result;
      const resumed = lines.length > 0;
      if (resumed) await journal.append({ resumed: { at: new Date().toISOString() } });
      return await new Run(input, journal, tally, resumed).toEnd();
    } finally {
      await journal.close();
    }
  });
}

class Run {
  readonly #input: RunInput;
  readonly #journal: Journal;
  readonly #tally: Tally;
  readonly #resumed: boolean;
  readonly #pool: DigestPool;
  readonly #started = performance.now();
  readonly #before: number;
  #verification: Verification | null = null;
  /** Given when the source cannot be walked stably. */
  #ids: IdSpool | null = null;
  /** Counted at the end. */
  #filteredThere = 0;
  #sourceChanged: MigrationResult['sourceChanged'] = 'unknown';

  constructor(input: RunInput, journal: Journal, tally: Tally, resumed: boolean) {
    this.#input = input;
    this.#journal = journal;
    this.#tally = tally;
    this.#resumed = resumed;
    this.#before = tally.read;
    this.#pool = new DigestPool(2);
    if (digests(input.plan, input.tuning) && (input.plan.plan.source.bytes ?? 0) > WARM_BYTES) this.#pool.warm();
  }

  async toEnd(): Promise<MigrationResult> {
    try {
      await this.#work();
      return await this.#end();
    } catch (error) {
      throw await this.#failed(asVdbError(error));
    } finally {
      await this.#pool.close();
    }
  }

  async #work(): Promise<void> {
    const { store, plan } = this.#input;
    const deadLetters = store.path(plan.id, 'dead-letters.ndjson');
    const { ranges } = this.#tally;
    const letters = await keepDeadLetters(deadLetters, ({ range, n }) => n < (ranges.get(range)?.next ?? 0));
    const skip = new Set(letters.map(({ key }) => key));
    const source: Side = { end: this.#input.source, where: plan.where, mapping: plan.mapping, pin: plan.pin };
    await settled(source.end, this.#input.call);
    this.#ids = await this.#spool(source);
    const prepared = this.#tally.prepared ?? (await this.#prepare());
    const target = { ...this.#input.target, ref: { ...this.#input.target.ref, collection: prepared.collection } };
    const restore = await this.#load(target);
    let read: Fingerprint;
    try {
      read = await this.#copy(this.#ids ? { ...source, ids: this.#ids } : source, target, deadLetters, prepared.fresh);
    } catch (error) {
      // The failure is what counts; settings that could not be restored now are by the run that resumes the job.
      await this.#unload(target, restore).catch(() => undefined);
      throw error;
    }
    await this.#unload(target, restore);
    failpoint('ranges.done');
    for (const { key } of await keepDeadLetters(deadLetters, () => true)) skip.add(key);
    if (plan.verify !== 'none') await this.#verify({ ...source, skip }, target, read);
    this.#sourceChanged = await this.#changed();
  }

  /** Before the first write; a part of a spool that a run before left is made anew. */
  async #spool(source: Side): Promise<IdSpool | null> {
    if (!source.end.database.capabilities.unstableWalk) return null;
    const { store, plan, call } = this.#input;
    const path = store.path(plan.id, 'ids.ndjson');
    const whole = await openSpool(path);
    if (whole) return whole;
    if (this.#tally.ranges.size === 0) return writeSpool(path, walkIds(source, call));
    throw new VdbError('config', `${path} is missing or damaged`, {
      reason: 'journal_corrupt',
      hint: "The job cannot be resumed: compare the collections with 'vdb verify', and start a new migration.",
    });
  }

  async #prepare(): Promise<{ collection: string; fresh: boolean }> {
    const { source, target, plan, call } = this.#input;
    const note = {
      left: this.#tally.probe,
      keep: (probe: ProbeLine['probe']) => this.#journal.append({ probe }),
    };
    const prepared = await prepareTarget(source, target, plan, note, call);
    const line = { prepared };
    await this.#journal.append(line);
    this.#tally.add(line);
    return prepared;
  }

  /** Writers go on for a moment after a cancel, so that what the target holds is in the journal. */
  async #copy(source: Side, target: TransferEnd, deadLetters: string, fresh: boolean): Promise<Fingerprint> {
    const { plan, tuning, call, onProgress } = this.#input;
    const grace = new AbortController();
    const cancel = (): void => void setTimeout(() => grace.abort(call.signal.reason), CANCEL_GRACE_MS).unref();
    call.signal.addEventListener('abort', cancel, { once: true });
    try {
      const input = {
        ...{ plan, source, target, deadLetters, tuning },
        ...{ journal: this.#journal, tally: this.#tally, resumed: this.#resumed },
        absent: fresh && !this.#resumed,
        pool: digests(plan, tuning) ? this.#pool : null,
        onProgress: () => onProgress?.(this.#tally.read, plan.plan.source.count),
      };
      return await pipeline(input, call, { ...call, signal: grace.signal });
    } finally {
      call.signal.removeEventListener('abort', cancel);
    }
  }

  /** What `unload` needs lies in the job's directory as soon as it is known, so that a later run restores it after a crash. */
  async #load(target: TransferEnd): Promise<JsonValue> {
    const { store, plan, call } = this.#input;
    const { database, ref } = target;
    if (!database.load || !database.unload) return null;
    const path = store.path(plan.id, 'load.json');
    const kept = await readFile(path, 'utf8').catch(() => null);
    if (kept !== null) return JSON.parse(kept) as JsonValue;
    const restore = await database.load(ref, call);
    await replaceFile(path, JSON.stringify(restore));
    return restore;
  }

  /** Also after a cancel, for as long as that may take. */
  async #unload(target: TransferEnd, restore: JsonValue): Promise<void> {
    const { store, plan, call } = this.#input;
    const { database, ref } = target;
    if (!database.load || !database.unload) return;
    const signal = call.signal.aborted ? AbortSignal.timeout(CANCEL_GRACE_MS) : call.signal;
    await database.unload(ref, restore, { ...call, signal });
    await rm(store.path(plan.id, 'load.json'), { force: true });
  }

  async #verify(source: Side, target: TransferEnd, read: Fingerprint): Promise<void> {
    const { plan, tuning, call, onProgress } = this.#input;
    const [here, there] = await Promise.all([
      source.end.database.describe(source.end.ref, call),
      target.database.describe(target.ref, call),
    ]);
    const text = this.#tally.fingerprint;
    const count = this.#tally.written + this.#tally.preexisting;
    let done = 0;
    this.#verification = await verify(
      {
        source,
        target: { end: target, mapping: targetReading(here, there, plan.mapping) },
        level: plan.verify === 'none' ? undefined : (plan.verify ?? undefined),
        rules: vectorRules(here, there, plan.mapping, true),
        oneWay: plan.plan.mode === 'append' && !this.#tally.prepared?.fresh,
        known: text === null ? null : { text, count, buckets: this.#before === 0 ? read : null },
        pool: this.#pool,
        tuning,
        onRead: records => onProgress?.((done += records), count, 'verify'),
      },
      call,
    );
  }

  /** Only what can be seen cheaply: another number of records than was read. The same number proves nothing. */
  async #changed(): Promise<MigrationResult['sourceChanged']> {
    const { source, plan, call } = this.#input;
    // Some of them were gone when their turn came.
    if (this.#ids !== null && this.#ids.count !== this.#tally.read) return 'yes';
    if (plan.where !== null || !source.database.count) return 'unknown';
    return (await countOf({ end: source }, call)) === this.#tally.read ? 'unknown' : 'yes';
  }

  async #end(): Promise<MigrationResult> {
    const { store, plan, source, call } = this.#input;
    this.#filteredThere = await this.#countFilteredThere();
    const result = this.#result();
    const error = this.#shortfall();
    const state: JobState = error ? 'failed' : result.deadLettered > 0 ? 'partial' : 'done';
    const at = new Date().toISOString();
    await this.#journal.append({ end: { state, at, result, error: error ? errorToJson(error) : null } });
    failpoint('result.written');
    if (state === 'done') {
      await rm(store.path(plan.id, 'ids.ndjson'), { force: true });
      await source.database.release?.(plan.pin, call);
    }
    return result;
  }

  /** Records that the source's own engine left out: they count as read and filtered, whoever evaluated the filter. */
  async #countFilteredThere(): Promise<number> {
    const { source, plan, call } = this.#input;
    if (plan.where === null) return 0;
    return Math.max(0, (await countOf({ end: source }, call)) - this.#tally.read);
  }

  /** Why the job is not done although everything was written: it can be resumed, which verifies again. */
  #shortfall(): VdbError | null {
    const found = this.#verification;
    if (found === null || found.equal) return null;
    if (found.pending)
      return new VdbError('busy', 'the target does not show all records yet', { reason: 'not_visible_yet' });
    return new VdbError('differs', 'source and target differ', { outcome: 'applied' });
  }

  #result(): MigrationResult {
    const { plan, store } = this.#input;
    const { read, written, filtered, dead, preexisting, bytes } = this.#tally;
    if (read !== written + filtered + dead + preexisting) {
      throw new VdbError(
        'internal',
        `the totals do not balance: ${read} read, ${written + filtered + dead + preexisting} accounted for`,
      );
    }
    const elapsedMs = Math.max(1, Math.round(performance.now() - this.#started));
    return {
      ...{ job: plan.id, source: plan.sourceRef, target: plan.targetRef },
      ...{ read: read + this.#filteredThere, written, filtered: filtered + this.#filteredThere },
      ...{ deadLettered: dead, preexisting, bytes, elapsedMs },
      recordsPerSecond: Math.round(((read - this.#before) * 1000) / elapsedMs),
      verdict: plan.plan.verdict,
      sourceChanged: this.#sourceChanged,
      verification: this.#verification,
      ...(dead > 0 ? { deadLetters: store.path(plan.id, 'dead-letters.ndjson') } : {}),
    };
  }

  /** Puts the state on disk; when even that fails, the job is `interrupted` and can be resumed all the same. */
  async #failed(error: VdbError): Promise<VdbError> {
    const { plan, call } = this.#input;
    const cancelled = call.signal.aborted || error.code === 'cancelled';
    // What was refused before the first record will be refused again.
    const resumes = error.code !== 'invalid' || this.#tally.read > 0;
    const resume = resumes ? `Resume it with 'vdb migrate --resume ${plan.id}'.` : '';
    const told = new VdbError(cancelled ? 'cancelled' : error.code, error.message, {
      ...error.details,
      hint: [error.details.hint, resume].filter(Boolean).join(' ') || undefined,
      outcome: this.#tally.written > 0 ? 'partially_applied' : (error.details.outcome ?? 'unknown'),
      data: { ...error.details.data, job: plan.id, read: this.#tally.read, written: this.#tally.written },
    });
    if (error.stack) told.stack = error.stack;
    // A daemon that stops leaves its jobs as a crash would: interrupted.
    if (call.signal.reason instanceof VdbError && call.signal.reason.details.reason === 'stopping') return told;
    const end = { state: cancelled ? 'cancelled' : 'failed', at: new Date().toISOString(), result: null } as const;
    await this.#journal.append({ end: { ...end, error: errorToJson(told) } }).catch(() => undefined);
    return told;
  }
}

/** Digests on the way pay off where everything is compared afterwards. */
function digests({ verify: level, plan }: JobPlan, { fullRecords }: Tuning): boolean {
  if (level !== null) return level === 'full';
  return plan.source.count === null || plan.source.count <= fullRecords;
}
