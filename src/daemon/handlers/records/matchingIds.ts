import type { Lease } from '../../../core/connections/lease.ts';
import type { CollectionRef, SplitFilter } from '../../../core/connector.ts';
import { type Id, idKey } from '../../../model/id.ts';
import type { MethodName } from '../../../protocol/methods/methods.ts';
import type { Request } from '../../handler.ts';
import type { Services } from '../../services.ts';
import { matching } from './matching.ts';
import { NOTHING } from './want.ts';

/** Partition → ids of every record that the filter matches. All of them first: writing would move what a scan has yet to see. */
export async function matchingIds(
  lease: Lease,
  ref: CollectionRef,
  filter: SplitFilter,
  request: Request<MethodName>,
  services: Services,
): Promise<Map<string, Id[]>> {
  const found = new Map<string, Id[]>();
  for await (const { batch, rows } of matching(lease, { ref, filter, want: NOTHING }, request, services)) {
    const ids = found.get(batch.partition) ?? [];
    for (const row of rows) ids.push(batch.ids[row]!);
    found.set(batch.partition, ids);
  }
  return found;
}

export function distinct(ids: Id[]): Id[] {
  return [...new Map(ids.map(id => [idKey(id), id])).values()];
}
