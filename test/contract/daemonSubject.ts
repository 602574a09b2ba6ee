import type { Id } from '../../src/model/id.ts';
import type { Item, MethodName, Params, Result } from '../../src/protocol/methods/methods.ts';
import type { IdType } from '../../src/protocol/methods/shared.ts';
import { ALL_PARTS, type Subject } from './subject.ts';

/** One call to the daemon; rejects with a VdbError. */
export type CallMethod = <M extends MethodName>(
  method: M,
  params: Params<M>,
  onItem?: (item: Item<M>) => void,
) => Promise<Result<M>>;

/** A connection of the daemon, opened from a saved profile, under the suite's interface. */
export async function daemonSubject(call: CallMethod, connection: string, profile = connection): Promise<Subject> {
  const { capabilities } = await call('profile.test', { name: profile });
  const target = (collection: string) => ({ connection, collection });
  return {
    via: 'daemon',
    capabilities,
    verbs: capabilities.verbs,
    create: spec => call('collection.create', { target: { connection }, spec, dryRun: false }),
    async drop(collection) {
      await call('collection.drop', { target: target(collection), dryRun: false });
    },
    describe: collection => call('collection.describe', { target: target(collection) }),
    collections: async () => (await call('collection.list', { target: { connection } })).map(info => info.name),

    async upsert(collection, lines, partition) {
      const params = {
        target: { ...target(collection), ...(partition !== undefined && { partition }) },
        lines,
        firstLine: 1,
        maxErrors: 0,
        dryRun: false,
      };
      return (await call('record.upsert', params)).upserted;
    },
    async get(collection, ids, parts = ALL_PARTS) {
      const lines: string[] = [];
      const params = { target: target(collection), ...idParams(ids), with: parts };
      await call('record.get', params, line => lines.push(line));
      return lines;
    },
    async scan(collection, { where, limit, cursor, parts = ALL_PARTS } = {}) {
      const lines: string[] = [];
      const params = {
        target: target(collection),
        with: parts,
        ...(where !== undefined && { where }),
        ...(limit !== undefined && { limit }),
        ...(cursor !== undefined && { cursor }),
      };
      const result = await call('record.scan', params, line => lines.push(line));
      return { lines, cursor: result.cursor };
    },
    async count(collection, where) {
      const params = { target: target(collection), exact: true, ...(where !== undefined && { where }) };
      return (await call('record.count', params)).count;
    },
    async query(collection, { vector, using, k = 10, where, parts = ['metadata', 'document'] }) {
      const lines: string[] = [];
      const params = {
        target: target(collection),
        vector,
        k,
        with: parts,
        ...(using !== undefined && { using }),
        ...(where !== undefined && { where }),
      };
      await call('record.query', params, line => lines.push(line));
      return lines;
    },
    async remove(collection, ids) {
      const params = { target: target(collection), ...idParams(ids), dryRun: false };
      return (await call('record.delete', params)).deleted;
    },
    async removeWhere(collection, where) {
      return (await call('record.delete', { target: target(collection), where, dryRun: false })).deleted;
    },
    async clear(collection) {
      return (await call('record.delete', { target: target(collection), all: true, dryRun: false })).deleted;
    },
  };
}

function idParams(ids: Id[]): { ids: string[]; idType: IdType } {
  return { ids: ids.map(String), idType: ids.some(id => typeof id === 'bigint') ? 'int' : 'string' };
}
