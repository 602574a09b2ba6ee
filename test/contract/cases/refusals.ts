import { expect } from 'vitest';
import type { Filter, FilterOperator } from '../../../src/model/filter/filter.ts';
import { METRICS } from '../../../src/model/metric.ts';
import { type RecordBatch, WANT_ALL } from '../../../src/model/record.ts';
import type { DatabaseSuite } from '../contract.ts';
import { newCall, refOf, splitFilter } from '../directSubject.ts';
import { record } from '../records.ts';
import { refused } from '../suite.ts';

const field = ['n'];
/** The smallest filter of each operator. */
const FILTERS: Record<FilterOperator, Filter> = {
  eq: { op: 'eq', field, value: 1n },
  lt: { op: 'lt', field, value: 1n },
  lte: { op: 'lte', field, value: 1n },
  gt: { op: 'gt', field, value: 1n },
  gte: { op: 'gte', field, value: 1n },
  in: { op: 'in', field, values: [1n] },
  has: { op: 'has', field, value: 1n },
  exists: { op: 'exists', field },
  contains: { op: 'contains', field, value: 'x' },
  ids: { op: 'ids', ids: ['a'] },
  not: { op: 'not', arg: { op: 'exists', field } },
  and: {
    op: 'and',
    args: [
      { op: 'exists', field },
      { op: 'ids', ids: ['a'] },
    ],
  },
  or: {
    op: 'or',
    args: [
      { op: 'exists', field },
      { op: 'ids', ids: ['a'] },
    ],
  },
};

export function refusalCases(suite: DatabaseSuite): void {
  suite.case('every declared filter operator runs natively, and every other is refused', async () => {
    const { database } = suite;
    const name = await suite.collection();
    const ref = refOf(name);
    await suite.subject.upsert(name, [record('a', { metadata: '{"n":1}' })]);
    for (const [op, filter] of Object.entries(FILTERS) as [FilterOperator, Filter][]) {
      const search = () =>
        database.search(ref, { vector: Float32Array.of(1, 2, 3), using: '', k: 1, filter, want: WANT_ALL }, newCall());
      if (database.capabilities.filters.includes(op)) {
        expect((await splitFilter(database, ref, filter)).residual, op).toBeNull();
        await search();
      } else {
        const split = await splitFilter(database, ref, filter);
        if (split.residual !== null) await refused(search(), 'unsupported', 'filter');
      }
    }
  });

  suite.case('a metric that is not declared is refused in a search', async () => {
    const name = await suite.collection();
    for (const metric of METRICS) {
      if (suite.database.capabilities.metrics.includes(metric)) continue;
      const request = { vector: Float32Array.of(1, 2, 3), using: '', k: 1, metric, want: WANT_ALL };
      await refused(suite.database.search(refOf(name), request, newCall()), 'unsupported');
    }
  });

  suite.case('a search for no hits, or by a vector that does not exist, is refused', async () => {
    const name = await suite.collection();
    for (const k of [0, -1, 1.5, Number.NaN]) {
      const request = { vector: Float32Array.of(1, 2, 3), using: '', k, want: WANT_ALL };
      await refused(suite.database.search(refOf(name), request, newCall()), 'invalid');
    }
    const request = { vector: Float32Array.of(1, 2, 3), using: 'nobody', k: 1, want: WANT_ALL };
    await refused(suite.database.search(refOf(name), request, newCall()), 'invalid');
  });

  suite.case('sparse and multi vectors are refused by a dense collection', async () => {
    const name = await suite.collection();
    const batch = (vectors: RecordBatch['vectors']): RecordBatch => {
      return { count: 1, partition: '', ids: ['a'], vectors, metadata: [undefined], bytes: 100 };
    };
    const offsets = Uint32Array.of(0, 1);
    const sparse = batch([
      { name: '', kind: 'sparse', offsets, indices: Uint32Array.of(2), values: Float32Array.of(1) },
    ]);
    const multi = batch([{ name: '', kind: 'multi', offsets, dimension: 3, values: Float32Array.of(1, 2, 3) }]);
    for (const one of [sparse, multi]) {
      await refused(suite.database.upsert(refOf(name), one, {}, newCall()), 'invalid');
    }
    expect(await suite.subject.count(name)).toBe(0);
  });

  suite.case('a partition is refused by every verb where there are none', async () => {
    const { database } = suite;
    if (database.capabilities.partitions) return void expect(suite.subject.verbs).toContain('partitions');
    const ref = refOf(await suite.collection(), 'tenant');
    const query = { vector: Float32Array.of(1, 2, 3), using: '', k: 1, want: WANT_ALL };
    await refused(database.fetch(ref, ['a'], WANT_ALL, newCall()), 'unsupported');
    await refused(database.search(ref, query, newCall()), 'unsupported');
    await refused(database.remove(ref, ['a'], newCall()), 'unsupported');
    await refused(database.drop(ref, newCall()), 'unsupported');
    expect(database.partitions).toBeUndefined();
    expect(database.createPartition).toBeUndefined();
  });
}
