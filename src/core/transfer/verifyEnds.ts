import type { Verification, VerifyLevel } from '../../model/transfer.ts';
import type { Call } from '../connector.ts';
import { comparisonMapping, targetReading } from './comparisonMapping.ts';
import { readDeadLetters } from './deadLetters.ts';
import { DigestPool } from './digestPool.ts';
import { endRef, type TransferEnd } from './end.ts';
import type { JobPlan } from './jobPlan.ts';
import type { JobStore } from './jobStore.ts';
import { readJournal } from './journal.ts';
import { readFingerprint } from './readDigests.ts';
import { Tally } from './tally.ts';
import type { Tuning } from './transferLimits.ts';
import { vectorRules } from './vectorRule.ts';
import { verify } from './verify.ts';

export interface VerifyOptions {
  level: Exclude<VerifyLevel, 'none'> | undefined;
  tuning: Tuning;
  onRead: (records: number) => void;
}

/** Compares two collections as they are, in both directions. */
export async function verifyEnds(
  source: TransferEnd,
  target: TransferEnd,
  { level, tuning, onRead }: VerifyOptions,
  call: Call,
): Promise<Verification> {
  const [here, there] = await describeBoth(source, target, call);
  const apart = source.ref.partition !== '' || target.ref.partition !== '';
  const mapping = comparisonMapping(here, there, apart ? target.ref.partition : null);
  const rules = vectorRules(here, there, mapping.source, false);
  return withPool(pool =>
    verify(
      {
        source: { end: source, mapping: mapping.source },
        target: { end: target, mapping: mapping.target },
        ...{ level, rules, oneWay: false, known: null, pool, tuning, onRead },
      },
      call,
    ),
  );
}

/** Compares a job's target with its source as it is now, under the job's filter and mapping, without its dead letters. */
export async function verifyJob(
  store: JobStore,
  plan: JobPlan,
  source: TransferEnd,
  target: TransferEnd,
  { level, tuning, onRead }: VerifyOptions,
  call: Call,
): Promise<Verification> {
  const [here, there] = await describeBoth(source, target, call);
  const letters = await readDeadLetters(store.path(plan.id, 'dead-letters.ndjson'));
  const { prepared } = new Tally(await readJournal(store.path(plan.id, 'journal.ndjson')));
  const skip = new Set(letters.map(({ key }) => key));
  return withPool(pool =>
    verify(
      {
        source: { end: source, where: plan.where, mapping: plan.mapping, skip },
        target: { end: target, mapping: targetReading(here, there, plan.mapping) },
        rules: vectorRules(here, there, plan.mapping, true),
        oneWay: plan.plan.mode === 'append' && !prepared?.fresh,
        ...{ level, known: null, pool, tuning, onRead },
      },
      call,
    ),
  );
}

/** Everything in a collection in one line of text: equal content gives an equal fingerprint in every store. */
export async function fingerprint(
  end: TransferEnd,
  onRead: (records: number) => void,
  call: Call,
): Promise<{ ref: string; count: number; fingerprint: string; elapsedMs: number }> {
  const started = performance.now();
  const made = await withPool(pool => readFingerprint({ end }, pool, call, { onRead }));
  const elapsedMs = Math.round(performance.now() - started);
  return { ref: endRef(end), count: made.count, fingerprint: made.toString(), elapsedMs };
}

function describeBoth(source: TransferEnd, target: TransferEnd, call: Call) {
  return Promise.all([source.database.describe(source.ref, call), target.database.describe(target.ref, call)]);
}

async function withPool<T>(work: (pool: DigestPool) => Promise<T>): Promise<T> {
  const pool = new DigestPool(2);
  try {
    return await work(pool);
  } finally {
    await pool.close();
  }
}
