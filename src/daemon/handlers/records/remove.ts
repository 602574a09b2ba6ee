import type { Lease } from '../../../core/connections/lease.ts';
import type { CollectionRef, SplitFilter } from '../../../core/connector.ts';
import { VdbError } from '../../../model/errors.ts';
import { formatFilter } from '../../../model/filter/format.ts';
import type { Id } from '../../../model/id.ts';
import type { Params } from '../../../protocol/methods/methods.ts';
import type { DeleteResult } from '../../../protocol/methods/record.ts';
import type { Handler, Request } from '../../handler.ts';
import type { Services } from '../../services.ts';
import { withCollection } from '../lease.ts';
import { byIds } from './byIds.ts';
import { countIds, countMatching } from './count.ts';
import { split } from './filter.ts';
import { resolveIds } from './ids.ts';
import { matchingIds } from './matchingIds.ts';

interface Work {
  lease: Lease;
  ref: CollectionRef;
  filter: SplitFilter;
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
    // A collection that is not there is an error, not an empty one.
    await lease.vectors(ref, request.call);
    const filter = await split(lease, ref, where, request);
    const work: Work = { lease, ref, filter, params, request, services };
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
      ...(filter.residual && { residual: formatFilter(filter.residual) }),
    };
    return result;
  });
};

async function count({ lease, ref, params: { ids, idType, where }, request, services }: Work): Promise<number> {
  return ids ? countIds(lease, ref, ids, idType, request.call) : countMatching(lease, ref, where, request, services);
}

async function run(work: Work): Promise<number> {
  const { lease, ref, filter, params, request } = work;
  const { database } = lease;
  if (params.ids) {
    const ids = await resolveIds(database, ref, params.ids, params.idType, request.call);
    return removeAll([['', ids]], work);
  }
  if (params.all && database.clear) return database.clear(ref, request.call);
  if (filter.native && !filter.residual && database.removeWhere) {
    return database.removeWhere(ref, filter.native, request.call);
  }
  return removeAll(await matchingIds(lease, ref, filter, request, work.services), work);
}

/** A database that does not say how many there were counts as having had them all. */
function removeAll(groups: Iterable<[string, Id[]]>, { lease: { database }, ref, request }: Work): Promise<number> {
  return byIds(
    ref,
    groups,
    'deleted',
    request,
    async (place, ids) => (await database.remove(place, ids, request.call)) ?? ids.length,
  );
}
