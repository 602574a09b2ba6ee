import type { Lease } from '../../../core/connections/lease.ts';
import type { CollectionRef, SplitFilter } from '../../../core/connector.ts';
import { VdbError } from '../../../model/errors.ts';
import { formatFilter } from '../../../model/filter/format.ts';
import { parseExact } from '../../../model/json/exact.ts';
import type { UpdateParams, UpdateResult } from '../../../protocol/methods/record.ts';
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
  params: UpdateParams;
  request: Request<'record.update'>;
  services: Services;
}

export const update: Handler<'record.update'> = async (params, request, services) => {
  check(params);
  const { target, where, dryRun } = params;
  const started = performance.now();
  return withCollection(target, request, services, { writes: true }, async (lease, ref) => {
    if (!lease.database.update) {
      throw new VdbError('unsupported', `${lease.profile.provider} at ${lease.endpoint} cannot update metadata alone`, {
        outcome: 'not_applied',
        hint: 'Write the whole records instead, with the metadata they should have: vdb upsert.',
      });
    }
    await lease.vectors(ref, request.call);
    const filter = await split(lease, ref, where, request);
    const work: Work = { lease, ref, filter, params, request, services };
    const matched = dryRun ? await count(work) : null;
    const updated = dryRun ? 0 : await run(work);
    const { connection, endpoint } = lease;
    const result: UpdateResult = {
      connection,
      collection: ref.collection,
      endpoint,
      matched,
      updated,
      rejected: 0,
      elapsedMs: Math.round(performance.now() - started),
      ...(filter.residual && { residual: formatFilter(filter.residual) }),
    };
    return result;
  });
};

/** Throws `usage`, or `invalid` for a value that no record may hold. */
function check({ ids, where, set, unset }: UpdateParams): void {
  if ([ids?.length, where !== undefined].filter(Boolean).length !== 1) {
    throw new VdbError('usage', 'give ids, or a filter');
  }
  const keys = Object.keys(set);
  if (keys.length + unset.length === 0) throw new VdbError('usage', 'nothing is named to be set or unset');
  const both = unset.find(key => keys.includes(key));
  if (both !== undefined) throw new VdbError('usage', `'${both}' cannot be both set and unset`);
  for (const [key, text] of Object.entries(set)) {
    try {
      parseExact(text);
    } catch (error) {
      if (!(error instanceof VdbError)) throw error;
      throw new VdbError('invalid', `the value of '${key}': ${error.message}`, {
        ...error.details,
        outcome: 'not_applied',
      });
    }
  }
}

async function count({ lease, ref, params: { ids, idType, where }, request, services }: Work): Promise<number> {
  return ids ? countIds(lease, ref, ids, idType, request.call) : countMatching(lease, ref, where, request, services);
}

/** No engine changes what a filter matches as one step, so a filter finds the ids first. */
async function run({ lease, ref, filter, params, request, services }: Work): Promise<number> {
  const { set, unset, ids, idType } = params;
  const groups: Iterable<[string, Awaited<ReturnType<typeof resolveIds>>]> = ids
    ? [['', await resolveIds(lease.database, ref, ids, idType, request.call)]]
    : await matchingIds(lease, ref, filter, request, services);
  return byIds(ref, groups, 'updated', request, (place, part) =>
    lease.database.update!(place, part, { set, unset }, request.call),
  );
}
