import type { CollectionInfo } from '../../model/collection.ts';
import { VdbError } from '../../model/errors.ts';
import type { CollectionMethods } from '../../protocol/methods/collection.ts';
import type { Handlers } from '../handler.ts';
import { withCollection, withConnection } from './lease.ts';

export const collectionHandlers: Handlers<keyof CollectionMethods> = {
  async 'collection.list'({ target }, request, services) {
    return withConnection(target, request, services, {}, async ({ database }) => {
      const summaries = await database.collections(request.call);
      return summaries.map((summary): CollectionInfo => ({ ...summary, partition: null, fields: [], index: {} }));
    });
  },

  async 'collection.create'({ target, spec, dryRun }, request, services) {
    return withConnection(target, request, services, { writes: true }, async ({ database }) => {
      if (!dryRun) return database.create(spec, request.call);
      const there = (await database.collections(request.call)).some(({ name }) => name === spec.name);
      if (there) {
        throw new VdbError('exists', `a collection '${spec.name}' exists already`, { outcome: 'not_applied' });
      }
      const { name, vectors, fields = [] } = spec;
      return { name, partition: null, count: null, countExact: false, vectors, fields, index: {} };
    });
  },

  async 'collection.describe'({ target }, request, services) {
    return withCollection(target, request, services, {}, ({ database }, ref) => database.describe(ref, request.call));
  },

  async 'collection.drop'({ target, dryRun }, request, services) {
    // A session's active collection is never dropped unnamed.
    if (target.collection === undefined) throw new VdbError('usage', 'no collection is named to be dropped');
    if (target.partition) throw new VdbError('usage', 'a collection is dropped whole, not by partition');
    return withCollection(target, request, services, { writes: true }, async (lease, ref) => {
      const { database, connection, endpoint } = lease;
      const { count } = await database.describe(ref, request.call);
      if (!dryRun) {
        services.connections.refuseJobsOn(lease, ref.collection);
        await database.drop(ref, request.call);
      }
      return { name: ref.collection, dropped: !dryRun, connection, endpoint, count };
    });
  },
};
