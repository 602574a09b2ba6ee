import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pinecone } from '@pinecone-database/pinecone';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database, ScanRequest } from '../../../src/core/connector.ts';
import { JobStore } from '../../../src/core/transfer/jobStore.ts';
import { migrate } from '../../../src/core/transfer/migrate.ts';
import { TUNING } from '../../../src/core/transfer/transferLimits.ts';
import { parseFilter } from '../../../src/model/filter/parse.ts';
import { WANT_ALL } from '../../../src/model/record.ts';
import { parseRecords, recordLine } from '../../../src/model/recordLine.ts';
import { newCall, refOf } from '../../contract/directSubject.ts';
import { record } from '../../contract/records.ts';
import { refused } from '../../contract/suite.ts';
import type { PineconeDouble } from '../../doubles/pinecone/pineconeDouble.ts';
import { connect, startDouble } from './subjects.ts';

const PAGES: ScanRequest = { want: WANT_ALL, batchBytes: 1 << 20, batchRecords: 2 };
let double: PineconeDouble;
let database: Database;

beforeAll(async () => {
  const place = await startDouble();
  double = place.double;
  database = await connect(place);
});
afterAll(async () => {
  await database?.close();
  await double?.close();
});

async function write(collection: string, partition: string, lines: string[]): Promise<void> {
  const [batch] = parseRecords(lines, {}).batches;
  await database.upsert({ collection, partition }, { ...batch!, partition }, {}, newCall());
}

async function scanned(collection: string, partition = '', request: Partial<ScanRequest> = {}): Promise<string[]> {
  const found: string[] = [];
  const ref = { collection, partition };
  for await (const { batch } of database.scan!(ref, { ...PAGES, ...request }, newCall())) {
    found.push(...batch.ids.map(id => `${batch.partition}/${id}`));
  }
  return found;
}

const dense = { name: '', kind: 'dense', dimension: 3, metric: 'dot', element: 'f32' } as const;

describe('partitions are namespaces', () => {
  beforeAll(async () => {
    await database.create({ name: 'parts', vectors: [dense], partitioned: true }, newCall());
    await write('parts', '', [record('a', { metadata: '{"n":1}' }), record('b')]);
    await write('parts', 'one', [record('a', { metadata: '{"n":2}' }), record('x'), record('y')]);
    await write('parts', 'two', [record('z', { metadata: '{"n":1}' })]);
  });

  test('a migration keeps every record in its own', async () => {
    const state = mkdtempSync(join(tmpdir(), 'vdb-partitions-'));
    const end = (collection: string) => ({
      ...{ connection: 'pine', provider: 'pinecone', endpoint: double.url, serverVersion: '', database },
      ref: { collection, partition: '' },
    });
    try {
      const store = new JobStore(state);
      const run = { store, source: end('parts'), target: end('copied'), tuning: TUNING, call: newCall() };
      const asked = { where: null, mode: 'default', overwrite: false, rename: {}, maxErrors: 0 } as const;
      const result = await migrate(store.newId(), { ...asked, verify: null, acceptLoss: [] }, run);
      expect(result).toMatchObject({ read: 6, written: 6, sourceChanged: 'unknown', verification: { equal: true } });
      expect(await scanned('copied')).toEqual(await scanned('parts'));
    } finally {
      rmSync(state, { recursive: true });
    }
  });

  test('without a name a scan, a count and a description mean all of them, with one that one', async () => {
    const all = ['/a', '/b', 'one/a', 'one/x', 'one/y', 'two/z'];
    expect(await scanned('parts')).toEqual(all);
    expect(await scanned('parts', 'one')).toEqual(all.slice(2, 5));
    expect(await scanned('parts', '__default__')).toEqual(['/a', '/b']);
    expect(await scanned('parts', '', { filter: parseFilter('n = 1') })).toEqual(['/a', 'two/z']);
    for (const [partition, count] of [
      ['', 6],
      ['one', 3],
      ['__default__', 2],
      ['none', 0],
    ] as const) {
      const ref = { collection: 'parts', partition };
      expect(await database.count!(ref, { exact: true }, newCall())).toEqual({ count, exact: true });
      expect((await database.describe(ref, newCall())).count).toBe(count);
    }
  });

  test('a cursor continues in its partition and goes on to the next', async () => {
    for await (const { batch, cursor } of database.scan!(refOf('parts'), PAGES, newCall())) {
      const last = `${batch.partition}/${batch.ids.at(-1)}`;
      const rest = await scanned('parts', '', { after: cursor });
      const all = await scanned('parts');
      expect(rest).toEqual(all.slice(all.indexOf(last) + 1));
    }
  });

  test('a ranked query names one, and is told which there are', async () => {
    const request = { vector: Float32Array.of(1, 0, 0), using: '', k: 5, want: WANT_ALL };
    const error = await refused(database.search(refOf('parts'), request, newCall()), 'usage');
    expect(error.details.hint).toContain('__default__, one, two');
    const one = await database.search({ collection: 'parts', partition: 'one' }, request, newCall());
    expect([one.batch.partition, one.batch.count]).toEqual(['one', 3]);
    const standard = await database.search({ collection: 'parts', partition: '__default__' }, request, newCall());
    expect(standard.batch.ids.sort()).toEqual(['a', 'b']);
  });

  test('records are fetched, changed and removed in theirs only', async () => {
    const one = { collection: 'parts', partition: 'one' };
    expect((await database.fetch(one, ['a', 'b'], WANT_ALL, newCall())).metadata).toEqual(['{"n":2}']);
    expect(await database.update!(one, ['a'], { set: { n: '3' }, unset: [] }, newCall())).toBe(1);
    expect((await database.fetch(refOf('parts'), ['a'], WANT_ALL, newCall())).metadata).toEqual(['{"n":1}']);
    await database.remove(one, ['x'], newCall());
    expect(await scanned('parts', 'one')).toEqual(['one/a', 'one/y']);
    await database.remove({ collection: 'parts', partition: 'never' }, ['x'], newCall());
  });

  test('are listed, made and dropped', async () => {
    const ref = { collection: 'parts', partition: 'fresh' };
    await database.createPartition!(ref, newCall());
    await refused(database.createPartition!(ref, newCall()), 'exists');
    await refused(database.createPartition!({ ...ref, partition: 'é' }, newCall()), 'invalid');
    expect(await database.partitions!('parts', newCall())).toEqual([
      { name: '', count: 2 },
      { name: 'fresh', count: 0 },
      { name: 'one', count: 2 },
      { name: 'two', count: 1 },
    ]);
    await database.dropPartition!(ref, newCall());
    await refused(database.dropPartition!(ref, newCall()), 'not_found');
    expect(await database.clear!({ collection: 'parts', partition: 'two' }, newCall())).toBe(1);
    expect(await database.removeWhere!(refOf('parts'), parseFilter('n exists'), newCall())).toBe(2);
    expect(await scanned('parts')).toEqual(['/b', 'one/y']);
    expect(await database.clear!(refOf('parts'), newCall())).toBe(2);
    expect((await database.partitions!('parts', newCall())).map(({ name }) => name)).toEqual(['one', 'two']);
  });
});

describe('sparse vectors', () => {
  const sparse = (indices: number[], values: number[]): string => JSON.stringify({ indices, values });
  const lines = async (collection: string): Promise<string[]> => {
    const found: string[] = [];
    for await (const { batch } of database.scan!(refOf(collection), PAGES, newCall())) {
      found.push(...batch.ids.map((_, row) => recordLine(batch, row, WANT_ALL)));
    }
    return found;
  };

  test('a sparse index keeps and ranks them', async () => {
    const vector = { name: '', kind: 'sparse', dimension: null, metric: 'dot', element: 'f32' } as const;
    const info = await database.create({ name: 'sparse', vectors: [vector] }, newCall());
    expect(info.vectors).toEqual([vector]);
    await write('sparse', '', [
      record('a', { vector: sparse([1, 7], [0.5, -0.25]) }),
      record('b', { vector: sparse([7, 4294967295], [2, 1e-3]) }),
    ]);
    expect(await lines('sparse')).toEqual([
      '{"id":"a","vector":{"indices":[1,7],"values":[0.5,-0.25]},"metadata":{}}',
      '{"id":"b","vector":{"indices":[7,4294967295],"values":[2,0.001]},"metadata":{}}',
    ]);
    const vectorOf = { indices: Uint32Array.of(7), values: Float32Array.of(1) };
    const request = { vector: vectorOf, using: '', k: 5, want: WANT_ALL };
    const hits = await database.search(refOf('sparse'), request, newCall());
    expect([hits.batch.ids, [...hits.scores]]).toEqual([
      ['b', 'a'],
      [2, -0.25],
    ]);
    const one = await database.search(refOf('sparse'), { ...request, filter: parseFilter('id = "a"') }, newCall());
    expect([...one.scores]).toEqual([-0.25]);
  });

  test('they stand beside dense ones where that is declared, or seen', async () => {
    await database.create({ name: 'hybrid', vectors: [dense], indexOptions: { sparse: 'true' } }, newCall());
    expect((await database.describe(refOf('hybrid'), newCall())).vectors.map(({ name }) => name)).toEqual([
      '',
      'sparse',
    ]);
    const both = record('a', { vectors: { '': '[1,2,3]', sparse: sparse([3], [4]) } });
    await write('hybrid', '', [both, record('b')]);
    const [a] = await lines('hybrid');
    expect(JSON.parse(a!).vectors).toEqual({ '': [1, 2, 3], sparse: { indices: [3], values: [4] } });
    const vector = { indices: Uint32Array.of(3), values: Float32Array.of(1) };
    const hits = await database.search(refOf('hybrid'), { vector, using: 'sparse', k: 1, want: WANT_ALL }, newCall());
    expect([hits.batch.ids, [...hits.scores]]).toEqual([['a'], [4]]);

    const sdk = new Pinecone({ apiKey: double.options.apiKey, controllerHostUrl: double.url });
    const spec = { serverless: { cloud: 'aws', region: 'us-east-1' } } as const;
    await sdk.createIndex({ name: 'theirs', dimension: 3, metric: 'dotproduct', spec });
    expect((await database.describe(refOf('theirs'), newCall())).vectors).toHaveLength(1);
    const index = sdk.index({ host: (await sdk.describeIndex('theirs')).host });
    await index.upsert({
      records: [{ id: 'a', values: [1, 1, 1], sparseValues: { indices: [9, 2], values: [1, 2] } }],
    });
    expect((await database.describe(refOf('theirs'), newCall())).vectors).toHaveLength(2);
    expect(JSON.parse((await lines('theirs'))[0]!).vectors.sparse).toEqual({ indices: [2, 9], values: [2, 1] });
  });

  test('what Pinecone would refuse is refused before anything is written', async () => {
    await refused(write('hybrid', '', [record('n'), record('zero', { vector: [1e-9, 0, -0] })]), 'invalid');
    await refused(
      write('hybrid', '', [record('n'), record('e', { vectors: { '': '[1,1,1]', sparse: sparse([], []) } })]),
      'invalid',
    );
    expect((await database.fetch(refOf('hybrid'), ['n'], WANT_ALL, newCall())).count).toBe(0);
  });
});

describe('other indexes, and requests of one’s own', () => {
  test('a document index is listed, and refused with the reason', async () => {
    const sdk = new Pinecone({ apiKey: double.options.apiKey, controllerHostUrl: double.url });
    await sdk.createIndex({
      name: 'documents',
      deployment: { deploymentType: 'managed', cloud: 'aws', region: 'us-east-1' },
      schema: { fields: { title: { type: 'dense_vector', dimension: 3, metric: 'cosine' } } },
    });
    const listed = await database.collections(newCall());
    expect(listed.find(({ name }) => name === 'documents')).toMatchObject({ vectors: [], count: null });
    for (const work of [
      database.describe(refOf('documents'), newCall()),
      database.fetch(refOf('documents'), ['a'], WANT_ALL, newCall()),
    ]) {
      await refused(work, 'unsupported');
    }
    await database.drop(refOf('documents'), newCall());
  });

  test('native sends a request as it is', async () => {
    const rows = async (statement: string, params = {}): Promise<unknown[]> => {
      const all: unknown[] = [];
      for await (const row of database.native!(statement, params, newCall())) all.push(JSON.parse(row));
      return all;
    };
    expect(await rows('GET /indexes/hybrid')).toMatchObject([{ name: 'hybrid' }]);
    expect(await rows('hybrid POST /describe_index_stats {}')).toMatchObject([{ totalVectorCount: 2 }]);
    const found = await rows('hybrid POST /query {"topK":1}', { vector: [1, 2, 3], includeMetadata: true });
    expect(found).toMatchObject([{ matches: [{ id: 'a' }] }]);
    await refused(rows('SELECT 1'), 'usage', 'syntax');
    await refused(rows('hybrid POST /query {', { topK: 1 }), 'usage', 'syntax');
    await refused(rows('nowhere GET /namespaces'), 'not_found');
  });

  test('large results are fetched behind the ranking', async () => {
    await database.create({ name: 'many', vectors: [dense] }, newCall());
    const all = Array.from({ length: 300 }, (_, i) =>
      record(`r${i}`, { vector: [i + 1, 0, 0], metadata: `{"n":${i}}` }),
    );
    await write('many', '', all);
    const request = { vector: Float32Array.of(1, 0, 0), using: '', k: 200, want: WANT_ALL };
    const filter = parseFilter('id not in ("r299","r298") and n > 100 or id = "r3"');
    const { batch, scores } = await database.search(refOf('many'), { ...request, filter }, newCall());
    expect(batch.count).toBe(198);
    expect(batch.ids.slice(0, 2)).toEqual(['r297', 'r296']);
    expect(batch.ids.at(-1)).toBe('r3');
    expect([scores[0], scores.at(-1)]).toEqual([298, 4]);
    expect(batch.metadata[0]).toBe('{"n":297}');
  });
});
