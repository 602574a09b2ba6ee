import { Pinecone } from '@pinecone-database/pinecone';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../../src/core/connector.ts';
import { WANT_ALL } from '../../../src/model/record.ts';
import { parseRecords, recordLine } from '../../../src/model/recordLine.ts';
import { directSubject, refOf } from '../../contract/directSubject.ts';
import { record } from '../../contract/records.ts';
import { connect, newCall, type Place, startDouble } from './subjects.ts';

type Started = Place & { double: Awaited<ReturnType<typeof startDouble>>['double'] };

let place: Started;
let database: Database;
let sdk: Pinecone;

beforeAll(async () => {
  place = await startDouble();
  database = await connect(place);
  sdk = new Pinecone({ apiKey: place.double.options.apiKey, controllerHostUrl: place.double.url, maxRetries: 0 });
});
afterAll(async () => {
  await database?.close();
  await place?.close();
});

const deployment = { deploymentType: 'managed', cloud: 'aws', region: 'us-east-1' } as const;

describe('the official SDK on the double', () => {
  test('makes, lists, describes and drops indexes, in both of its spellings', async () => {
    const legacy = await sdk.createIndex({
      name: 'legacy',
      dimension: 3,
      metric: 'cosine',
      spec: { serverless: { cloud: 'aws', region: 'us-east-1' } },
      waitUntilReady: true,
    });
    expect(legacy).toMatchObject({ name: 'legacy', status: { ready: true, state: 'Ready' } });
    const fields = { _values: { type: 'dense_vector', dimension: 2, metric: 'dotproduct' } } as const;
    await sdk.createIndex({ name: 'fresh', deployment, schema: { fields } });
    expect((await sdk.listIndexes()).indexes?.map(({ name }) => name).sort()).toEqual(['fresh', 'legacy']);
    await expect(sdk.createIndex({ name: 'fresh', deployment, schema: { fields } })).rejects.toThrow(/exists/);
    await expect(sdk.createIndex({ name: 'Bad_Name', deployment, schema: { fields } })).rejects.toThrow();
    await sdk.deleteIndex('fresh');
    await sdk.deleteIndex('legacy');
    await expect(sdk.describeIndex('legacy')).rejects.toThrow();
  });

  test('writes, reads, queries, pages and deletes records', async () => {
    await sdk.createIndex({
      name: 'records',
      dimension: 2,
      metric: 'euclidean',
      spec: { serverless: { cloud: 'aws', region: 'us-east-1' } },
    });
    const { host } = await sdk.describeIndex('records');
    const index = sdk.index({ host, namespace: 'ns' });
    await index.upsert({
      records: Array.from({ length: 150 }, (_, i) => ({
        id: `id ${i}`,
        values: [i + 1, 1],
        metadata: { n: i, tags: ['a', `t${i % 2}`] },
      })),
    });
    expect((await index.fetch({ ids: ['id 7', 'none'] })).records).toMatchObject({
      'id 7': { id: 'id 7', values: [8, 1], metadata: { n: 7, tags: ['a', 't1'] } },
    });
    const ids: string[] = [];
    let page = await index.listPaginated({ limit: 60 });
    for (;;) {
      ids.push(...(page.vectors ?? []).map(({ id }) => id!));
      if (!page.pagination?.next) break;
      page = await index.listPaginated({ limit: 60, paginationToken: page.pagination.next });
    }
    expect(ids).toEqual(Array.from({ length: 150 }, (_, i) => `id ${i}`).sort());
    const { matches } = await index.query({
      topK: 2,
      vector: [5, 1],
      filter: { tags: { $in: ['t1'] } },
      includeMetadata: true,
    });
    expect(matches.map(({ id, score }) => [id, score])).toEqual([
      ['id 3', 1],
      ['id 5', 1],
    ]);
    expect((await index.fetchByMetadata({ filter: { n: { $gte: 148 } } })).records).toHaveProperty('id 149');
    await index.update({ id: 'id 0', metadata: { n: 99 } });
    expect((await index.fetch({ ids: ['id 0'] })).records['id 0']?.metadata?.n).toBe(99);
    await index.deleteMany({ filter: { n: { $lt: 100 } } });
    await index.deleteMany({ ids: ['id 149'] });
    expect(await index.describeIndexStats()).toMatchObject({
      namespaces: { ns: { recordCount: 49 } },
      totalRecordCount: 49,
      dimension: 2,
    });
    expect((await index.listNamespaces()).namespaces).toMatchObject([{ name: 'ns', recordCount: '49' }]);
    await index.deleteAll();
    expect(await index.describeIndexStats()).toMatchObject({ totalRecordCount: 0 });
    await expect(index.upsert({ records: [{ id: 'z', values: [0, 0] }] })).rejects.toThrow(/only zeros/);
    await expect(index.upsert({ records: [{ id: 'é', values: [1, 0] }] })).rejects.toThrow(/ASCII/);
  });
});

describe('records cross between vdb and the SDK', () => {
  test('what vdb writes is native to the SDK', async () => {
    await database.create(
      {
        name: 'ours',
        vectors: [{ name: '', kind: 'dense', dimension: 3, metric: 'cosine', element: 'f32' }],
      },
      newCall(),
    );
    const metadata = '{"genre":"drama","year":2020,"rating":4.5,"tags":["a","b"],"seen":true}';
    await directSubject(() => database).upsert('ours', [record('movie', { metadata, document: 'A plot.' })]);
    const index = sdk.index({ host: (await sdk.describeIndex('ours')).host });
    const { records } = await index.fetch({ ids: ['movie'] });
    expect(records.movie).toMatchObject({
      values: [1, 2, 3],
      metadata: { genre: 'drama', year: 2020, rating: 4.5, tags: ['a', 'b'], seen: true, text: 'A plot.' },
    });
    const found = await index.query({ topK: 1, vector: [1, 0, 0], filter: { year: { $gte: 2000 }, tags: 'a' } });
    expect(found.matches.map(({ id }) => id)).toEqual(['movie']);
  });

  test('what the SDK writes is read, queried and kept over a copy', async () => {
    await sdk.createIndex({
      name: 'theirs',
      dimension: 3,
      metric: 'dotproduct',
      spec: { serverless: { cloud: 'aws', region: 'us-east-1' } },
    });
    const index = sdk.index({ host: (await sdk.describeIndex('theirs')).host });
    const values = [0.1, -0.5, 1e-10];
    await index.upsert({
      records: [
        { id: 'one', values, metadata: { text: 'hello', n: 1, f: 1.5, tags: ['x'] } },
        { id: '7', values: [1, 2, 3] },
      ],
    });
    const lines: string[] = [];
    for await (const { batch } of database.scan!(
      refOf('theirs'),
      { want: WANT_ALL, batchBytes: 1 << 20, batchRecords: 100 },
      newCall(),
    )) {
      lines.push(...batch.ids.map((_, row) => recordLine(batch, row, WANT_ALL)));
    }
    expect(lines).toEqual([
      '{"id":"7","vector":[1,2,3],"metadata":{}}',
      '{"id":"one","vector":[0.1,-0.5,1e-10],"metadata":{"n":1,"f":1.5,"tags":["x"]},"document":"hello"}',
    ]);
    const info = await database.describe(refOf('theirs'), newCall());
    expect(info).toMatchObject({ count: 2, countExact: true, vectors: [{ metric: 'dot', dimension: 3 }] });
    expect(info.fields).toContainEqual({ name: 'tags', type: 'array<string>', indexed: true });
    const [batch] = parseRecords(lines, {}).batches;
    await database.upsert(refOf('theirs'), batch!, {}, newCall());
    expect((await index.fetch({ ids: ['one'] })).records.one?.metadata).toEqual({
      text: 'hello',
      n: 1,
      f: 1.5,
      tags: ['x'],
    });
  });
});
