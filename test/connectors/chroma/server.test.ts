import { AdminClient, ChromaClient } from 'chromadb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connector } from '../../../src/connectors/chroma/connector.ts';
import type { Cursor, Database, Options, ScanRequest } from '../../../src/core/connector.ts';
import type { CollectionSpec } from '../../../src/model/collection.ts';
import { parseFilter } from '../../../src/model/filter/parse.ts';
import { WANT_ALL } from '../../../src/model/record.ts';
import { directSubject, linesOf, newCall, refOf, splitFilter } from '../../contract/directSubject.ts';
import { manyRecords, record } from '../../contract/records.ts';
import { expectRecords, idsOf } from '../../contract/sameRecords.ts';
import { type Running, startServer, stopServer } from '../../servers/launch.ts';
import { describeServer } from '../../servers/server.ts';
import { freshName, openChroma, rows } from './database.ts';

const SPEC: Omit<CollectionSpec, 'name'> = {
  vectors: [{ name: '', kind: 'dense', dimension: 3, metric: 'euclidean', element: 'f32' }],
};
const SEVENS: ScanRequest = { want: WANT_ALL, batchBytes: 1 << 20, batchRecords: 7 };

describeServer('chroma', () => {
  // A server of its own: arrays of collections that other tests dropped would turn up in what the SDK writes here.
  let own: Running;
  let url: string;
  let database: Database;
  const subject = directSubject(() => database);
  const made: string[] = [];

  beforeAll(async () => {
    own = await startServer('chroma');
    url = own.access.url;
    database = await openChroma(url);
  });
  afterAll(async () => {
    for (const name of made) await database.drop(refOf(name), newCall());
    await database.close();
    await stopServer(own);
  });

  async function collection(spec: Partial<CollectionSpec> = {}): Promise<string> {
    const { name } = await database.create({ name: freshName(), ...SPEC, ...spec }, newCall());
    made.push(name);
    return name;
  }

  function sdk(): ChromaClient {
    const { hostname, port } = new URL(url);
    return new ChromaClient({ host: hostname, port: Number(port), ssl: false });
  }

  test('what vdb writes looks native to the SDK', async () => {
    const name = await collection();
    const metadata = '{"price":1.5,"n":7,"tags":["a","b"],"on":true,"note":null}';
    await subject.upsert(name, [record('a', { metadata, document: 'some text', uri: 'file:///a' }), record(7n)]);
    const theirs = await sdk().getCollection({ name, embeddingFunction: undefined as never });
    const got = await theirs.get({ include: ['metadatas', 'documents', 'uris', 'embeddings'] });
    expect(got.ids).toEqual(['a', '7']);
    expect(got.documents).toEqual(['some text', null]);
    expect(got.uris[0]).toBe('file:///a');
    expect(got.embeddings).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    expect(got.metadatas[0]).toMatchObject({ price: 1.5, n: 7, tags: ['a', 'b'], on: true });
    expect((await theirs.get({ where: { price: { $gt: 1 } } })).ids).toEqual(['a']);
    const hits = await theirs.query({ queryEmbeddings: [[1, 2, 3]], nResults: 1, where: { tags: { $contains: 'b' } } });
    expect(hits.ids).toEqual([['a']]);
  });

  test('what the SDK wrote is read, searched and changed; its collection is described', async () => {
    const name = freshName();
    made.push(name);
    const theirs = await sdk().createCollection({
      name,
      embeddingFunction: null,
      metadata: { purpose: 'tests' },
      configuration: { hnsw: { space: 'cosine', max_neighbors: 8 } },
    });
    expect((await database.describe(refOf(name), newCall())).vectors[0]).toMatchObject({ dimension: null });
    await theirs.add({
      ids: ['x', '7', 'y'],
      embeddings: [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
      metadatas: [{ n: 1, tags: ['p'] }, { n: 2.5 }, { s: 'text' }],
      documents: ['dx', 'd7', 'dy'],
    });
    const info = await database.describe(refOf(name), newCall());
    expect(info).toMatchObject({ count: 3, countExact: true, index: { max_neighbors: 8, space: 'cosine' } });
    expect(info.vectors).toEqual([
      { name: '', kind: 'dense', dimension: 3, metric: 'cosine', element: 'f32', transform: 'approximate' },
    ]);
    expect(info.fields).toEqual([
      { name: 'n', type: 'mixed' },
      { name: 's', type: 'string' },
      { name: 'tags', type: 'array<string>' },
    ]);
    const lines = (await subject.scan(name)).lines;
    expect(idsOf(lines)).toEqual(['s:x', 's:7', 's:y']);
    expect(lines[1]).toContain('"n":2.5');
    const hits = await subject.query(name, { vector: [0, 1, 0], where: 'n > 2', k: 5 });
    expect(JSON.parse(hits[0]!)).toMatchObject({ id: '7', score: 1 });
    expect(await database.update!(refOf(name), ['x'], { set: { n: '9' }, unset: ['tags'] }, newCall())).toBe(1);
    expect((await theirs.get({ ids: ['x'] })).metadatas).toEqual([{ n: 9 }]);
    expect(await subject.remove(name, ['x', 'none'])).toBe(1);
    expect(await theirs.count()).toBe(2);
  });

  test('a copy within Chroma keeps index options and metadata', async () => {
    const name = freshName();
    made.push(name);
    const configuration = { hnsw: { space: 'ip' as const, max_neighbors: 9, ef_construction: 77 } };
    await sdk().createCollection({ name, embeddingFunction: null, metadata: { purpose: 'tests' }, configuration });
    const { native } = await database.describe(refOf(name), newCall());
    const vectors = [{ ...SPEC.vectors[0]!, metric: 'dot' as const }];
    const copy = await collection({ vectors, native: native! });
    const info = await database.describe(refOf(copy), newCall());
    expect(info.index).toMatchObject({ space: 'ip', max_neighbors: 9, ef_construction: 77 });
    expect(info.native!.config).toMatchObject({ metadata: { purpose: 'tests' } });
    expect(info.vectors[0]!.dimension).toBe(3);
    const options = await collection({ indexOptions: { ef_search: '55', resize_factor: '1.5' } });
    expect((await database.describe(refOf(options), newCall())).index).toMatchObject({
      ef_search: 55,
      resize_factor: 1.5,
    });
    for (const indexOptions of [{ m: '5' }, { ef_search: 'many' }] as Record<string, string>[]) {
      const refused = database.create({ name: freshName(), ...SPEC, indexOptions }, newCall());
      await expect(refused).rejects.toMatchObject({ code: 'usage' });
    }
  });

  test('arrays that a dropped collection left behind do not stick to new records', async () => {
    const client = sdk();
    for (let turn = 0; turn < 3; turn++) {
      const name = freshName();
      const theirs = await client.createCollection({ name, embeddingFunction: null });
      const ids = Array.from({ length: 50 }, (_, i) => `g${i}`);
      await theirs.add({ ids, embeddings: ids.map(() => [1, 2, 3]), metadatas: ids.map(() => ({ ghost: ['boo'] })) });
      await theirs.count();
      await client.deleteCollection({ name });
      const ours = await collection();
      const lines = manyRecords(50, i => `{"n":${i},"own":["x"]}`);
      await subject.upsert(ours, lines);
      expectRecords((await subject.scan(ours)).lines, lines);
      expect(await subject.count(ours, 'ghost has "boo"')).toBe(0);
    }
  });

  test('ids alone are read as their kind, also where a record was copied under another id', async () => {
    const name = await collection();
    await subject.upsert(name, [record('a'), record(8n), record('7'), record(18446744073709551615n)]);
    const theirs = await sdk().getCollection({ name, embeddingFunction: undefined as never });
    const { metadatas } = await theirs.get({ ids: ['8'], include: ['metadatas'] });
    await theirs.add({ ids: ['9'], embeddings: [[1, 2, 3]], metadatas: [metadatas[0]!] });
    const want = { vectors: false, metadata: false, document: false };
    const expected = ['a', 8n, '7', 18446744073709551615n, '9'];
    for await (const { batch } of database.scan!(refOf(name), { ...SEVENS, want }, newCall())) {
      expect(batch.ids).toEqual(expected);
      expect((await database.fetch(refOf(name), batch.ids, WANT_ALL, newCall())).ids).toEqual(expected);
      expect(batch.vectors).toEqual([]);
    }
    // Of an integer and of text with its digits only the one that there is can be removed.
    expect(await database.remove(refOf(name), ['8', 9n, '9'], newCall())).toBe(1);
  });

  test('a cursor finds its place again when others removed and rewrote records before it', async () => {
    const name = await collection();
    const lines = manyRecords(60);
    await subject.upsert(name, lines);
    const cursorAfter = async (pages: number): Promise<{ cursor: Cursor; got: string[] }> => {
      const got: string[] = [];
      for await (const { batch, cursor } of database.scan!(refOf(name), SEVENS, newCall())) {
        got.push(...linesOf(batch, WANT_ALL));
        if (got.length >= pages * 7) return { cursor, got };
      }
      return expect.fail('too few pages');
    };
    const { cursor, got } = await cursorAfter(4);
    // Ten gone, among them the last that came; two written anew, which puts them at the end.
    const gone = [0, 1, 2, 3, 10, 11, 20, 25, 26, 27].map(i => `r${String(i).padStart(3, '0')}`);
    await subject.remove(name, gone);
    await subject.upsert(name, [lines[5]!, lines[24]!]);
    const rest: string[] = [];
    for await (const { batch } of database.scan!(refOf(name), { ...SEVENS, after: cursor }, newCall())) {
      rest.push(...linesOf(batch, WANT_ALL));
    }
    expect(idsOf(got)).toEqual(idsOf(lines.slice(0, 28)));
    expect(idsOf(rest)).toEqual(idsOf([...lines.slice(28), lines[5]!, lines[24]!]));
  });

  test('a cursor whose records are all gone begins anew rather than skip one', async () => {
    const name = await collection();
    const lines = manyRecords(30);
    await subject.upsert(name, lines);
    const first = await subject.scan(name, { limit: 10 });
    await subject.remove(
      name,
      idsOf(first.lines).map(key => key.slice(2)),
    );
    const rest = await subject.scan(name, { cursor: first.cursor! });
    expect(idsOf(rest.lines)).toEqual(idsOf(lines.slice(10)));
    await expect(subject.scan(name, { cursor: '{"id":"other"}' })).rejects.toMatchObject({ code: 'invalid' });
  });

  test('one record with a value in the sidecar leaves its field to the evaluator, until it is gone', async () => {
    const name = await collection();
    await subject.upsert(name, [
      record('a', { metadata: '{"k":1,"m":1}' }),
      record('b', { metadata: '{"k":[1,"x"]}' }),
    ]);
    const filter = parseFilter('k = 1 and m = 1');
    expect(await splitFilter(database, refOf(name), filter)).toEqual({
      native: parseFilter('m = 1'),
      residual: parseFilter('k = 1'),
    });
    expect(idsOf((await subject.scan(name, { where: 'k = 1' })).lines)).toEqual(['s:a', 's:b']);
    await subject.remove(name, ['b']);
    expect((await splitFilter(database, refOf(name), filter)).residual).toBeNull();
    const big = Array.from({ length: 400 }, (_, i) => `"v${i}"`).join(',');
    expect((await splitFilter(database, refOf(name), parseFilter(`k in (${big})`))).native).toBeNull();
    expect(await subject.count(name, `k in (1,${big})`)).toBe(1);
  });

  test('native sends a request and gives rows with their numbers as they are', async () => {
    const name = await collection();
    await subject.upsert(name, [record('a', { metadata: '{"big":9007199254740993,"f":1.0}' })]);
    const { id } = (await rows(database, 'GET /collections/{name}', { name }))[0] as { id: string };
    const texts: string[] = [];
    const statement = `POST /collections/${id}/get {"include":["metadatas"]}`;
    for await (const row of database.native!(statement, { limit: 1 }, newCall())) texts.push(row);
    expect(texts).toHaveLength(1);
    expect(texts[0]).toMatch(/"big":9007199254740993/);
    expect(texts[0]).toMatch(/"f":1\.0/);
    const listed = await rows(
      database,
      'get /api/v2/tenants/default_tenant/databases/default_database/collections?limit=1',
    );
    expect(listed).toHaveLength(1);
    expect(await rows(database, `GET /collections/${id}/count`)).toEqual([1]);
    for (const wrong of ['SELECT 1', 'GET collections', '']) {
      await expect(rows(database, wrong)).rejects.toMatchObject({ code: 'usage' });
    }
    await expect(rows(database, 'GET /collections/none-such')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('collections are listed beyond a page, and only those of the tenant and database', async () => {
    const { hostname, port } = new URL(url);
    const admin = new AdminClient({ host: hostname, port: Number(port), ssl: false });
    const tenant = freshName();
    await admin.createTenant({ name: tenant });
    await admin.createDatabase({ name: 'lists', tenant });
    const other = await openChroma(url, { tenant, database: 'lists' });
    expect(await other.collections(newCall())).toEqual([]);
    const names = Array.from({ length: 103 }, (_, i) => `c${String(i).padStart(3, '0')}`);
    for (const name of names) await rows(other, `POST /collections {"name":"${name}"}`);
    expect((await other.collections(newCall())).map(each => each.name).sort()).toEqual(names);
    for (const missing of [{ tenant: 'no-such-tenant' }, { tenant, database: 'no-such-database' }] as Options[]) {
      const refused = connector.connect({ url, ...missing }, {}, newCall());
      await expect(refused).rejects.toMatchObject({ code: 'not_found' });
    }
    await admin.deleteDatabase({ name: 'lists', tenant });
    await expect(other.collections(newCall())).rejects.toMatchObject({ code: 'not_found' });
    await other.close();
  });

  test('a collection that another program made anew is found again', async () => {
    const name = await collection();
    await subject.upsert(name, [record('a')]);
    const client = sdk();
    await client.deleteCollection({ name });
    await client.createCollection({ name, embeddingFunction: null });
    await subject.upsert(name, [record('b')]);
    expect(idsOf((await subject.scan(name)).lines)).toEqual(['s:b']);
  });
});
