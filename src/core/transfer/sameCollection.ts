import { randomInt, randomUUID } from 'node:crypto';
import { selectRows } from '../../model/batch.ts';
import { VdbError } from '../../model/errors.ts';
import type { Id } from '../../model/id.ts';
import { type RecordBatch, WANT_ALL } from '../../model/record.ts';
import type { Call, CollectionRef } from '../connector.ts';
import { endRef, type TransferEnd } from './end.ts';

/** Ids of the target that are looked for in the source. */
const SAMPLE = 20;
const IDS = { vectors: false, metadata: false, document: false };

/**
 * Whether two ends of one provider are one collection after all, under two addresses (`localhost` and `127.0.0.1`, two names
 * of a host): asked before the target is emptied, which would empty the source with it. No endpoint tells, so a record
 * with a new id is written to the target, looked for in the source, and removed again. That is done only when the source
 * holds ids of the target; the target is about to be emptied anyway. Throws `invalid` when it cannot be found out.
 */
export async function isSameCollection(source: TransferEnd, target: TransferEnd, call: Call): Promise<boolean> {
  if (source.provider !== target.provider) return false;
  const sample = await firstRecords(target, call);
  if (sample === null) return false;
  const there = partOf(target, sample);
  const here = partOf(source, sample);
  if (!(await holds(source, here, sample.ids, call))) return false;
  const probe = { ...selectRows(sample, [0]), ids: [newIdLike(sample.ids[0]!)] };
  try {
    await target.database.upsert(there, probe, {}, call);
    await target.database.settle?.(there, call);
    await source.database.settle?.(here, call);
    return await holds(source, here, probe.ids, call);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new VdbError('invalid', `cannot tell ${endRef(source)} and ${endRef(target)} apart`, {
      outcome: 'not_applied',
      cause: error.message,
      hint: 'Nothing was dropped. If they are two collections, drop the target yourself and migrate without --replace.',
    });
  } finally {
    await target.database.remove(there, probe.ids, { ...call, signal: new AbortController().signal });
  }
}

async function firstRecords({ database, ref }: TransferEnd, call: Call): Promise<RecordBatch | null> {
  if (!database.scan) return null;
  const request = { want: WANT_ALL, batchBytes: 1 << 20, batchRecords: SAMPLE, limit: SAMPLE };
  for await (const { batch } of database.scan(ref, request, call)) if (batch.count > 0) return batch;
  return null;
}

/** Where the records of the target's page are, or would be. */
function partOf({ ref }: TransferEnd, { partition }: RecordBatch): CollectionRef {
  return { collection: ref.collection, partition: ref.partition === '' ? partition : ref.partition };
}

/** A place or an id that the source cannot have is not in it. */
async function holds({ database }: TransferEnd, ref: CollectionRef, ids: Id[], call: Call): Promise<boolean> {
  try {
    return (await database.fetch(ref, ids, IDS, call)).count > 0;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

function isRefusal(error: unknown): error is VdbError {
  return error instanceof VdbError && ['not_found', 'invalid', 'unsupported'].includes(error.code);
}

/** A UUID is text that every store takes as an id; where ids are integers it would not be. */
function newIdLike(id: Id): Id {
  return typeof id === 'bigint' ? BigInt(randomInt(2 ** 40, 2 ** 47)) : randomUUID();
}
