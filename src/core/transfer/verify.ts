import type { Fingerprint } from '../../model/fingerprint.ts';
import type { Id } from '../../model/id.ts';
import { WANT_ALL } from '../../model/record.ts';
import type { Verification, VerifyLevel } from '../../model/transfer.ts';
import type { Call } from '../connector.ts';
import { failpoint } from '../failpoint.ts';
import { compareBuckets } from './compareBuckets.ts';
import { compareIds, comparePairs } from './comparePairs.ts';
import { awaitCount, countOf } from './countOf.ts';
import { Differences } from './differences.ts';
import type { DigestPool } from './digestPool.ts';
import { endRef } from './end.ts';
import { readFingerprint } from './readDigests.ts';
import { readMapped, type Side } from './readMapped.ts';
import { SAMPLE_RECORDS, type Tuning } from './transferLimits.ts';
import { ruleText, type VectorRules } from './vectorRule.ts';

export interface VerifyInput {
  source: Side;
  target: Side;
  /** Absent: `full` up to 1 M records; above, ids and content in full and a sample of the vectors. */
  level: Exclude<VerifyLevel, 'none'> | undefined;
  rules: VectorRules;
  /** The target may hold more (it did before the job appended). */
  oneWay: boolean;
  /** What was read from the source and written, when that was digested on the way: its text, and its buckets if this run did it all. */
  known: { text: string; count: number; buckets: Fingerprint | null } | null;
  pool: DigestPool;
  tuning: Tuning;
  onRead?: (records: number) => void;
}

/** What a level brings, before it is dressed for the answer. */
interface Outcome {
  level: string;
  source: { count: number; fingerprint: string | null };
  target: { count: number; fingerprint: string | null };
  equal: number;
  /** Vectors were compared under the rules. */
  rule: boolean;
}

const IDS = { vectors: false, metadata: false, document: false };
const CONTENT = { vectors: false, metadata: true, document: true };

/** Compares two sides. Never throws because they differ; throws when one cannot be read. */
export async function verify(input: VerifyInput, call: Call): Promise<Verification> {
  const started = performance.now();
  const differences = new Differences(input.tuning.differences);
  const expected = input.known?.count ?? (await countOf(input.source, call));
  const visible = await awaitCount(input.target, expected, input.tuning.visibleMs, call);
  const outcome = await compare(input, expected, differences, call);
  failpoint('verify.half');
  await differences.locate(input.source, input.target, input.rules, call);
  const { different, onlyInSource, onlyInTarget } = differences;
  const sameCount = input.oneWay || outcome.source.count === outcome.target.count;
  const equal = differences.total === 0 && sameCount;
  return {
    equal,
    level: input.oneWay ? `${outcome.level}:one-way` : outcome.level,
    rule: outcome.rule ? ruleText(input.rules) : null,
    // What is missing may still appear; what is different or too much will not go away.
    pending: !equal && !visible && different === 0 && onlyInTarget === 0,
    source: { ref: endRef(input.source.end), ...outcome.source },
    target: { ref: endRef(input.target.end), ...outcome.target },
    equalRecords: outcome.equal,
    different,
    onlyInSource,
    onlyInTarget,
    ...differences.list(),
    elapsedMs: Math.round(performance.now() - started),
  };
}

function compare(input: VerifyInput, expected: number, differences: Differences, call: Call): Promise<Outcome> {
  const level = input.level ?? (expected <= input.tuning.fullRecords ? 'full' : 'content');
  if (level === 'count') return compareCounts(input, expected, call);
  if (level.startsWith('sample:'))
    return compareSample(input, Number(level.slice('sample:'.length)), differences, call);
  if (level === 'content') return compareContent(input, differences, call);
  return input.oneWay || input.rules.size > 0
    ? compareLookups(input, differences, call)
    : compareAll(input, differences, call);
}

async function compareCounts(input: VerifyInput, expected: number, call: Call): Promise<Outcome> {
  const count = await countOf(input.target, call);
  const [source, target] = [expected, count].map(n => ({ count: n, fingerprint: null })) as [
    Outcome['source'],
    Outcome['target'],
  ];
  return { level: 'count', source, target, equal: 0, rule: false };
}

/** Every record, bit by bit: two fingerprints, and a second look only at the buckets that differ. */
async function compareAll(input: VerifyInput, differences: Differences, call: Call): Promise<Outcome> {
  const { source, target, known, pool, onRead } = input;
  const [there, read] = await Promise.all([
    readFingerprint(target, pool, call, { onRead }),
    known ? known.buckets : readFingerprint(source, pool, call),
  ]);
  if (known && known.text === there.toString()) return equalOutcome('full', known.text, there.count, false);
  const here = read ?? (await readFingerprint(source, pool, call));
  return inBuckets(input, 'full', here, there, false, differences, call);
}

/** Ids and content in full, vectors of a sample. */
async function compareContent(input: VerifyInput, differences: Differences, call: Call): Promise<Outcome> {
  const { source, target, known, pool, onRead } = input;
  const [there, here] = await Promise.all([
    readFingerprint(target, pool, call, { want: CONTENT, onRead }),
    known?.buckets ?? readFingerprint(source, pool, call, { want: CONTENT }),
  ]);
  const outcome = await inBuckets(input, `content+sample:${SAMPLE_RECORDS}`, here, there, true, differences, call);
  if (differences.total === 0) await compareSample(input, SAMPLE_RECORDS, differences, call);
  return {
    ...outcome,
    source: { ...outcome.source, fingerprint: null },
    target: { ...outcome.target, fingerprint: null },
    rule: true,
  };
}

async function inBuckets(
  input: VerifyInput,
  level: string,
  here: Fingerprint,
  there: Fingerprint,
  contentOnly: boolean,
  differences: Differences,
  call: Call,
): Promise<Outcome> {
  const buckets = here.differingBuckets(there, contentOnly);
  const outcome = equalOutcome(level, here.toString(), there.count, false);
  outcome.source.count = here.count;
  outcome.target.fingerprint = there.toString();
  if (buckets.length === 0) return outcome;
  const records = Math.max(here.count, there.count);
  const want = contentOnly ? CONTENT : WANT_ALL;
  const { source, target } = input;
  const inside = await compareBuckets(
    { source, target, buckets, records, want, contentOnly },
    differences,
    input.pool,
    call,
  );
  outcome.equal = here.count - inside.records + inside.equal;
  return outcome;
}

/** Each source record looked up in the target; then what only the target holds, unless that is allowed. */
async function compareLookups(input: VerifyInput, differences: Differences, call: Call): Promise<Outcome> {
  const { source, target, rules, known, pool } = input;
  const { records, equal } = await comparePairs(source, target, rules, differences, call, input.onRead);
  const count = await countOf(target, call);
  if (!input.oneWay && count !== records - differences.onlyInSource) {
    const [here, there] = await Promise.all([
      readFingerprint(source, pool, call, { want: IDS }),
      readFingerprint(target, pool, call, { want: IDS }),
    ]);
    const extra = new Differences(input.tuning.differences);
    const buckets = here.differingBuckets(there, true);
    await compareBuckets(
      { source, target, buckets, records: Math.max(records, count), want: IDS, contentOnly: true },
      extra,
      pool,
      call,
    );
    differences.addExtra(extra);
  }
  const fingerprint = known?.text ?? null;
  return {
    level: 'full',
    source: { count: records, fingerprint },
    target: { count, fingerprint: null },
    equal,
    rule: true,
  };
}

/** Counts, and n records drawn from the source with equal chances, compared in full. */
async function compareSample(input: VerifyInput, n: number, differences: Differences, call: Call): Promise<Outcome> {
  const { source, target, rules } = input;
  const drawn: Id[] = [];
  let seen = 0;
  for await (const { batch } of readMapped(source, { want: IDS }, call)) {
    for (const id of batch.ids) {
      const place = seen++ < n ? drawn.length : Math.floor(Math.random() * seen);
      if (place < n) drawn[place] = id;
    }
    input.onRead?.(batch.count);
  }
  let equal = 0;
  for (let start = 0; start < drawn.length; start += 500) {
    equal += await compareIds(source, target, drawn.slice(start, start + 500), rules, differences, call);
  }
  const count = await countOf(target, call);
  return {
    level: `sample:${n}`,
    source: { count: seen, fingerprint: null },
    target: { count, fingerprint: null },
    equal,
    rule: true,
  };
}

function equalOutcome(level: string, fingerprint: string, count: number, rule: boolean): Outcome {
  return { level, source: { count, fingerprint }, target: { count, fingerprint }, equal: count, rule };
}
