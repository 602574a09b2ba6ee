import type { Lease } from '../../../core/connections/lease.ts';
import type { Call, CollectionRef } from '../../../core/connector.ts';
import type { MethodName } from '../../../protocol/methods/methods.ts';
import type { IdType } from '../../../protocol/methods/shared.ts';
import type { Handler, Request } from '../../handler.ts';
import type { Services } from '../../services.ts';
import { withCollection } from '../lease.ts';
import { residualRefused, split } from './filter.ts';
import { chunks, ID_CHUNK, resolveIds } from './ids.ts';
import { matching } from './matching.ts';
import { NOTHING } from './want.ts';

export const count: Handler<'record.count'> = ({ target, where, exact }, request, services) =>
  withCollection(target, request, services, {}, async (lease, ref) => {
    const { connection } = lease;
    const { collection } = ref;
    const { native, residual } = await split(lease, ref, where, request);
    if (residual && !exact) throw residualRefused(residual, lease, 'With --exact every record is read and counted.');
    if (lease.database.count && !residual) {
      const counted = await lease.database.count(ref, { exact, ...(native && { filter: native }) }, request.call);
      return { connection, collection, ...counted };
    }
    return { connection, collection, count: await countMatching(lease, ref, where, request, services), exact: true };
  });

/** By the database where it can, else by reading every record. */
export async function countMatching(
  lease: Lease,
  ref: CollectionRef,
  where: string | undefined,
  request: Request<MethodName>,
  services: Services,
): Promise<number> {
  const filter = await split(lease, ref, where, request);
  if (lease.database.count && !filter.residual) {
    const { native } = filter;
    return (await lease.database.count(ref, { exact: true, ...(native && { filter: native }) }, request.call)).count;
  }
  let total = 0;
  for await (const { rows } of matching(lease, { ref, filter, want: NOTHING }, request, services)) total += rows.length;
  return total;
}

/** How many of these ids there are. */
export async function countIds(
  { database }: Lease,
  ref: CollectionRef,
  ids: string[],
  idType: IdType | undefined,
  call: Call,
): Promise<number> {
  let found = 0;
  for (const chunk of chunks(await resolveIds(database, ref, ids, idType, call), ID_CHUNK)) {
    found += (await database.fetch(ref, chunk, NOTHING, call)).count;
  }
  return found;
}
