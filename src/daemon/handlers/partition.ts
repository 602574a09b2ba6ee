import type { Lease } from '../../core/connections/lease.ts';
import type { Database } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import type { PartitionMethods } from '../../protocol/methods/partition.ts';
import type { TargetParams } from '../../protocol/methods/shared.ts';
import type { Handlers } from '../handler.ts';
import { withCollection } from './lease.ts';

export const partitionHandlers: Handlers<keyof PartitionMethods> = {
  async 'partition.list'({ target }, request, services) {
    return withCollection(whole(target), request, services, {}, (lease, { collection }) =>
      verb(lease, 'partitions')(collection, request.call),
    );
  },

  async 'partition.create'({ target, dryRun }, request, services) {
    const name = named(target);
    return withCollection(target, request, services, { writes: true }, async (lease, ref) => {
      const { connection } = lease;
      const { collection } = ref;
      const create = verb(lease, 'createPartition');
      if (dryRun) {
        const there = await verb(lease, 'partitions')(collection, request.call);
        if (there.some(partition => partition.name === name)) {
          throw new VdbError('exists', `a partition '${name}' exists already`, { outcome: 'not_applied' });
        }
      } else await create(ref, request.call);
      return { name, created: !dryRun, connection, collection };
    });
  },

  async 'partition.drop'({ target, dryRun }, request, services) {
    const name = named(target);
    return withCollection(target, request, services, { writes: true }, async (lease, ref) => {
      const { connection, endpoint } = lease;
      const { collection } = ref;
      const drop = verb(lease, 'dropPartition');
      const there = await verb(lease, 'partitions')(collection, request.call);
      const found = there.find(partition => partition.name === name);
      if (!found) throw new VdbError('not_found', `there is no partition '${name}'`, { outcome: 'not_applied' });
      if (!dryRun) {
        services.connections.refuseJobsOn(lease, collection);
        await drop(ref, request.call);
      }
      return { name, dropped: !dryRun, connection, collection, endpoint, count: found.count };
    });
  },
};

/** A session's active partition is never made or dropped unnamed. */
function named({ partition }: TargetParams): string {
  if (partition) return partition;
  throw new VdbError('usage', 'no partition is named');
}

function whole({ partition, ...target }: TargetParams): TargetParams {
  if (partition) throw new VdbError('usage', 'a collection has partitions, a partition has none');
  return { ...target, partition: '' };
}

function verb<V extends 'partitions' | 'createPartition' | 'dropPartition'>(
  { database, profile, endpoint }: Lease,
  name: V,
): NonNullable<Database[V]> {
  const found = database[name];
  if (found) return found;
  const what = database.partitions ? 'makes and drops partitions by itself, with their records' : 'has no partitions';
  throw new VdbError('unsupported', `${profile.provider} at ${endpoint} ${what}`, { outcome: 'not_applied' });
}
