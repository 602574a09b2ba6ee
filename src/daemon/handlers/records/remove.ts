import type { Lease } from '../../../core/connections/lease.ts';
import type { CollectionRef } from '../../../core/connector.ts';
import { type Outcome, VdbError } from '../../../model/errors.ts';
import { type Id, idKey } from '../../../model/id.ts';
import type { Params } from '../../../protocol/methods/methods.ts';
import type { DeleteResult } from '../../../protocol/methods/record.ts';
import type { Handler, Request } from '../../handler.ts';
import type { Services } from '../../services.ts';
import { withCollection } from '../lease.ts';
import { countMatching } from './count.ts';
import { split } from './filter.ts';
import { chunks, ID_CHUNK, resolveIds } from './ids.ts';
import { matching } from './matching.ts';
import { NOTHING } from './want.ts';

interface Work {
  lease: Lease;
  ref: CollectionRef;
  params: Params<'record.delete'>;
  request: Request<'record.delete'>;
  services: Services;
}

export const remove: Handler<'record.delete'> = (params, request, services) => {
  const { target, ids, where, all, dryRun } = params;
  if ([ids?.length, where !== undefined, all].filter(Boolean).length !== 1) {
    throw new VdbError('usage', 'give ids, a filter, or all');
  }
  const started = performance.now();
  return withCollection(target, request, services, { writes: true }, async (lease, ref) => {
    const work: Work = { lease, ref, params, request, services };
    // A collection that is not there is an error, not an empty one.
    await lease.vectors(ref, request.call);
    const matched = dryRun ? await count(work) : null;
    const deleted = dryRun ? 0 : await run(work);
    const { connection, endpoint } = lease;
    const result: DeleteResult = {
      connection,
      collection: ref.collection,
      endpoint,
      matched,
      deleted,
      rejected: 0,
      elapsedMs: Math.round(performance.now() - started),
    };
    return result;
  });
};

async function count({ lease, ref, params: { ids, idType, where }, request, services }: Work): Promise<number> {
  if (!ids) return countMatching(lease, ref, where, request, services);
  const meant = await resolveIds(lease.database, ref, ids, idType, request.call);
  let found = 0;
  for (const chunk of chunks(meant, ID_CHUNK))
    found += (await lease.database.fetch(ref, chunk, NOTHING, request.call)).count;
  return found;
}

async function run(work: Work): Promise<number> {
  const { lease, ref, params, request } = work;
  const { database } = lease;
  if (params.ids) return removeAll(await resolveIds(database, ref, params.ids, params.idType, request.call), '', work);
  if (params.all && database.clear) return database.clear(ref, request.call);
  const filter = await split(lease, ref, params.where, request);
  if (filter.native && !filter.residual && database.removeWhere) {
    return database.removeWhere(ref, filter.native, request.call);
  }
  // All ids first: deleting would move what a scan has yet to see.
  const found = new Map<string, Id[]>();
  for await (const { batch, rows } of matching(lease, { ref, filter, want: NOTHING }, request, work.services)) {
    const ids = found.get(batch.partition) ?? [];
    for (const row of rows) ids.push(batch.ids[row]!);
    found.set(batch.partition, ids);
  }
  let deleted = 0;
  for (const [partition, ids] of found) deleted += await removeAll(ids, partition, work, deleted);
  return deleted;
}

/** How many there were; a database that does not say counts as having had them all. */
async function removeAll(
  ids: Id[],
  partition: string,
  { lease: { database }, ref, request }: Work,
  before = 0,
): Promise<number> {
  const place = partition === '' ? ref : { ...ref, partition };
  let deleted = 0;
  for (const chunk of chunks(distinct(ids), ID_CHUNK)) {
    try {
      deleted += (await database.remove(place, chunk, request.call)) ?? chunk.length;
    } catch (error) {
      if (!(error instanceof VdbError)) throw error;
      const done = before + deleted;
      const outcome: Outcome | undefined = done > 0 ? 'partially_applied' : error.details.outcome;
      throw new VdbError(error.code, error.message, {
        ...error.details,
        ...(outcome && { outcome }),
        data: { ...error.details.data, deleted: done },
      });
    }
    request.progress({ done: before + deleted });
  }
  return deleted;
}

function distinct(ids: Id[]): Id[] {
  return [...new Map(ids.map(id => [idKey(id), id])).values()];
}
