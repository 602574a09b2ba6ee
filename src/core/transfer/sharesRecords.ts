import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { selectRows } from '../../model/batch.ts';
import { VdbError } from '../../model/errors.ts';
import type { Id } from '../../model/id.ts';
import { type RecordBatch, WANT_ALL, type Want } from '../../model/record.ts';
import type { Call, CollectionRef } from '../connector.ts';
import { failpoint } from '../failpoint.ts';
import { endRef, type TransferEnd } from './end.ts';
import { VISIBLE_MS } from './transferLimits.ts';

/** A record that was written to see who sees it: its id as `i:` or `s:` and text, and the partition it went to. */
export interface Probe {
  partition: string;
  id: string;
}

/** Remembers a probe for as long as it may be in the target, also over a crash. */
export interface ProbeNote {
  /** One that an earlier run may have left behind. */
  left: Probe | null;
  /** Returns when it is on disk. */
  keep(probe: Probe): Promise<void>;
}

/** Ids of the source that are looked for in the target. */
const SAMPLE = 20;
const POLL_MS = 500;
const IDS: Want = { vectors: false, metadata: false, document: false };

/**
 * Whether emptying the target would take records of the source: two ends of one provider may be one collection under two
 * addresses (`localhost` and `127.0.0.1`, two names of a host), or the source a part of the target. No endpoint tells. So, when
 * the target holds ids of the source, one of these records is written to the target under a new id, looked for in the
 * source, and removed again; the target is about to be emptied anyway. Throws `invalid` when it cannot be found out.
 */
export async function sharesRecords(
  source: TransferEnd,
  target: TransferEnd,
  note: ProbeNote,
  call: Call,
): Promise<boolean> {
  if (source.provider !== target.provider) return false;
  if (note.left !== null) {
    const { partition, id } = note.left;
    await target.database.remove({ collection: target.ref.collection, partition }, [idOf(id)], call);
  }
  const apart =
    source.ref.partition !== '' && target.ref.partition !== '' && source.ref.partition !== target.ref.partition;
  if (apart) return false;
  const sample = await firstRecords(source, target.ref.partition || source.ref.partition, call);
  if (sample === null) return false;
  const { partition } = sample;
  const there = { collection: target.ref.collection, partition };
  const shared = await find(target, there, sample.ids, WANT_ALL, call);
  if (shared === null) return false;
  const id = await newId(target, there, shared.ids[0]!, call);
  await note.keep({ partition, id: typeof id === 'bigint' ? `i:${id}` : `s:${id}` });
  const here = { collection: source.ref.collection, partition };
  try {
    await target.database.upsert(there, { ...selectRows(shared, [0]), ids: [id] }, {}, call);
    failpoint('probe.written');
    await target.database.settle?.(there, call);
    return await isSeen(source, here, id, call);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new VdbError('invalid', `cannot tell ${endRef(source)} and ${endRef(target)} apart`, {
      outcome: 'not_applied',
      cause: error.message,
      hint: 'Nothing was dropped. If they are two collections, drop the target yourself and migrate without --replace.',
    });
  } finally {
    await target.database.remove(there, [id], { ...call, signal: new AbortController().signal });
  }
}

async function firstRecords(
  { database, ref }: TransferEnd,
  partition: string,
  call: Call,
): Promise<RecordBatch | null> {
  if (!database.scan) return null;
  const request = { want: IDS, batchBytes: 1 << 20, batchRecords: SAMPLE, limit: SAMPLE };
  try {
    for await (const { batch } of database.scan({ ...ref, partition }, request, call))
      if (batch.count > 0) return batch;
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  return null;
}

/** Null when none is there: a place or an id that an end cannot have is not in it. */
async function find(
  { database }: TransferEnd,
  ref: CollectionRef,
  ids: Id[],
  want: Want,
  call: Call,
): Promise<RecordBatch | null> {
  try {
    const found = await database.fetch(ref, ids, want, call);
    return found.count > 0 ? found : null;
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}

/** A store that shows writes later is asked for as long as a verification would wait for it. */
async function isSeen(source: TransferEnd, ref: CollectionRef, id: Id, call: Call): Promise<boolean> {
  const until = performance.now() + (source.database.capabilities.immediate ? 0 : VISIBLE_MS);
  for (;;) {
    if ((await find(source, ref, [id], IDS, call)) !== null) return true;
    if (performance.now() >= until) return false;
    await sleep(POLL_MS, undefined, { signal: call.signal });
  }
}

/** A UUID is text that every store takes; where ids are integers it would not be, and 31 bits fit all of them. */
async function newId(target: TransferEnd, ref: CollectionRef, like: Id, call: Call): Promise<Id> {
  if (typeof like === 'string') return randomUUID();
  for (;;) {
    const id = BigInt(randomInt(2 ** 30, 2 ** 31));
    if ((await find(target, ref, [id], IDS, call)) === null) return id;
  }
}

function idOf(key: string): Id {
  return key.startsWith('i:') ? BigInt(key.slice(2)) : key.slice(2);
}

function isRefusal(error: unknown): error is VdbError {
  return error instanceof VdbError && ['not_found', 'invalid', 'unsupported', 'exists'].includes(error.code);
}
