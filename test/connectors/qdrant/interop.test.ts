import { QdrantClient } from '@qdrant/js-client-rest';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connector } from '../../../src/connectors/qdrant/connector.ts';
import { derived } from '../../../src/connectors/qdrant/ids.ts';
import type { Database } from '../../../src/core/connector.ts';
import { guard } from '../../../src/core/guard.ts';
import { parseFilter } from '../../../src/model/filter/parse.ts';
import { parseRecords } from '../../../src/model/recordLine.ts';
import { linesOf } from '../../contract/directSubject.ts';
import { record } from '../../contract/records.ts';
import { expectRecords, expectSequence } from '../../contract/sameRecords.ts';
import { newCall, openAny } from './subjects.ts';

/*
 * What vdb writes as users of the official client see it, and what they write as vdb sees it: against the server that
 * VDB_TEST_QDRANT_URL names, else against the double, which the official client thereby drives too.
 */

const WANT = { vectors: true, metadata: true, document: true };
/** Of each test its own. */
let NAME = '';
let REF = { collection: '', partition: '' };
let names = 0;

let place: Awaited<ReturnType<typeof openAny>>;
let database: Database;
let sdk: QdrantClient;
beforeAll(async () => {
  place = await openAny();
  database = guard(await connector.connect(place.options, place.secrets, newCall()), connector);
  const { hostname, port, protocol } = new URL(String(place.options.url));
  const apiKey = place.secrets.apiKey?.reveal();
  sdk = new QdrantClient({
    host: hostname,
    port: Number(port || (protocol === 'https:' ? 443 : 80)),
    https: protocol === 'https:',
    ...(apiKey !== undefined && { apiKey }),
    checkCompatibility: false,
  });
});
beforeEach(() => {
  NAME = `interop_${process.pid}_${names++}`;
  REF = { collection: NAME, partition: '' };
});
afterEach(async () => {
  await sdk.deleteCollection(NAME);
});
afterAll(async () => {
  await database.close();
  await place.close();
});

async function scanned(): Promise<string[]> {
  const lines: string[] = [];
  for await (const { batch } of database.scan!(REF, { want: WANT, batchBytes: 1 << 20, batchRecords: 100 }, newCall()))
    lines.push(...linesOf(batch, WANT));
  return lines;
}

async function write(lines: string[]): Promise<void> {
  const { vectors } = await database.describe(REF, newCall());
  for (const batch of parseRecords(lines, { vectors }).batches) await database.upsert(REF, batch, {}, newCall());
}

async function idsWhere(where: string): Promise<unknown[]> {
  const filter = parseFilter(where);
  expect((await database.split!(REF, filter, newCall())).residual, where).toBeNull();
  const ids: unknown[] = [];
  for await (const { batch } of database.scan!(
    REF,
    { filter, want: WANT, batchBytes: 1 << 20, batchRecords: 100 },
    newCall(),
  ))
    ids.push(...batch.ids);
  return ids;
}

describe('written by vdb, read by the official client', () => {
  test('a record looks native', async () => {
    await database.create(
      { name: NAME, vectors: [{ name: '', kind: 'dense', dimension: 3, metric: 'euclidean', element: 'f32' }] },
      newCall(),
    );
    await write([
      record(7n, { vector: [1, 2, 3], metadata: '{"price":12.5,"tags":["a","b"],"o":{"k":null}}', document: 'shoe' }),
      record('5c56c793-69f3-4fbf-87e6-c4bf54c28c26', { vector: [0, 1, 0] }),
      record('sku-1', { vector: [0, 0, 1], metadata: '{"document":"own"}' }),
    ]);
    const points = await sdk.retrieve(NAME, {
      ids: [7, '5c56c793-69f3-4fbf-87e6-c4bf54c28c26', derived('s:sku-1')],
      with_payload: true,
      with_vector: true,
    });
    expect(points).toMatchObject([
      { id: 7, payload: { price: 12.5, tags: ['a', 'b'], o: { k: null }, document: 'shoe' }, vector: [1, 2, 3] },
      { id: '5c56c793-69f3-4fbf-87e6-c4bf54c28c26', payload: {}, vector: [0, 1, 0] },
      { id: derived('s:sku-1'), payload: { document: 'own', _vdb_doc: null, _vdb_id: 's:sku-1' } },
    ]);
    expect(Object.keys(points[0]!.payload!).sort()).toEqual(['document', 'o', 'price', 'tags']);
    const { points: hits } = await sdk.query(NAME, {
      query: [1, 2, 3],
      limit: 1,
      filter: { must: [{ key: 'price', range: { lt: 20 } }] },
    });
    expect(hits).toMatchObject([{ id: 7, score: 0 }]);
  });

  test('a collection with named, sparse, multi and small vectors, its index and its quantization', async () => {
    await database.create(
      {
        name: NAME,
        vectors: [
          { name: 'text', kind: 'dense', dimension: 3, metric: 'cosine', element: 'f32' },
          { name: 'half', kind: 'dense', dimension: 2, metric: 'dot', element: 'f16' },
          { name: 'bytes', kind: 'dense', dimension: 2, metric: 'euclidean', element: 'u8' },
          { name: 'colbert', kind: 'multi', dimension: 2, metric: 'dot', element: 'f32' },
          { name: 'kw', kind: 'sparse', dimension: null, metric: 'dot', element: 'f32' },
        ],
        indexOptions: { m: '8', ef_construct: '64', on_disk: 'true', quantization: 'scalar' },
      },
      newCall(),
    );
    const { config } = await sdk.getCollection(NAME);
    expect(config).toMatchObject({
      hnsw_config: { m: 8, ef_construct: 64, on_disk: true },
      quantization_config: { scalar: { type: 'int8' } },
      params: {
        vectors: {
          text: { size: 3, distance: 'Cosine' },
          half: { size: 2, distance: 'Dot', datatype: 'float16' },
          bytes: { size: 2, distance: 'Euclid', datatype: 'uint8' },
          colbert: { size: 2, distance: 'Dot', multivector_config: { comparator: 'max_sim' } },
        },
        sparse_vectors: { kw: {} },
      },
    });
    const vectors = {
      half: '[0.5,65504]',
      bytes: '[1,255]',
      // Two rows of whole numbers: the spelling that Qdrant takes for a sparse vector must not be sent.
      colbert: '[[3,4],[0,1]]',
      kw: '{"indices":[1,4000000000],"values":[0.25,-0.5]}',
    };
    const lines = [record(1n, { vectors }), record(2n, { vectors: { kw: '{"indices":[],"values":[]}' } })];
    await write(lines);
    expectSequence(await scanned(), lines);
    const [point] = await sdk.retrieve(NAME, { ids: [1], with_vector: true });
    expect(point!.vector).toEqual({
      half: [0.5, 65504],
      bytes: [1, 255],
      colbert: [
        [3, 4],
        [0, 1],
      ],
      kw: { indices: [1, 4000000000], values: [0.25, -0.5] },
    });
    await write([record(3n, { vectors: { text: '[3,4,0]' } })]);
    expect((await scanned())[2]).toContain('"vectors":{"text":[0.6,0.8,0]}');
    const { vectors: specs, index } = await database.describe(REF, newCall());
    expect(specs.find(({ name }) => name === 'text')!.transform).toBe('normalized');
    expect(index).toMatchObject({ hnsw: { m: 8 }, quantization: { scalar: {} } });
    const search = async (
      using: string,
      vector: Float32Array | Float32Array[] | { indices: Uint32Array; values: Float32Array },
    ) => {
      const { batch, scores } = await database.search(REF, { vector, using, k: 5, want: WANT }, newCall());
      return batch.ids.map((id, i) => [id, scores[i]]);
    };
    expect(await search('kw', { indices: Uint32Array.of(1), values: Float32Array.of(2) })).toEqual([[1n, 0.5]]);
    expect(await search('colbert', [Float32Array.of(1, 0), Float32Array.of(0, 1)])).toEqual([[1n, 7]]);
    expect(await search('bytes', Float32Array.of(1, 252))).toEqual([[1n, -3]]);
  });
});

describe('written by the official client, read by vdb', () => {
  test('ids of 64 bits, numbers, documents and payloads of others', async () => {
    await sdk.createCollection(NAME, { vectors: { size: 2, distance: 'Dot' }, sparse_vectors: { kw: {} } });
    await sdk.upsert(NAME, {
      wait: true,
      points: [
        { id: 1, vector: { '': [1, 2], kw: { indices: [7, 3], values: [1, 2] } }, payload: { text: 't', n: 1 } },
        { id: '5C56C793-69F3-4FBF-87E6-C4BF54C28C26', vector: [0.5, 2], payload: { document: 'd', nested: { a: [] } } },
        { id: 2, vector: {}, payload: { document: ['no', 'text'], _vdb_id: 's:elsewhere' } },
      ],
    });
    expectSequence(await scanned(), [
      record(1n, { vectors: { '': '[1,2]', kw: '{"indices":[3,7],"values":[2,1]}' }, metadata: '{"text":"t","n":1}' }),
      record(2n, { vectors: {}, metadata: '{"document":["no","text"],"_vdb_id":"s:elsewhere"}' }).replace(
        '"vectors":{},',
        '',
      ),
      record('5c56c793-69f3-4fbf-87e6-c4bf54c28c26', {
        vectors: { '': '[0.5,2]' },
        metadata: '{"nested":{"a":[]}}',
        document: 'd',
      }),
    ]);
    expect((await database.describe(REF, newCall())).fields).toEqual(
      [
        { name: '_vdb_id', type: 'string' },
        { name: 'document', type: 'array<string>' },
        { name: 'n', type: 'integer' },
        { name: 'nested', type: 'object' },
        { name: 'text', type: 'string' },
      ].slice(1),
    );
  });

  test('a payload key of another name is the document where an option says so', async () => {
    await sdk.createCollection(NAME, { vectors: { size: 1, distance: 'Dot' } });
    await sdk.upsert(NAME, {
      wait: true,
      points: [{ id: 1, vector: [1], payload: { page_content: 'p', metadata: { source: 's' } } }],
    });
    const other = guard(
      await connector.connect({ ...place.options, documentKey: 'page_content' }, place.secrets, newCall()),
      connector,
    );
    const want = { vectors: false, metadata: false, document: true };
    expect(linesOf(await other.fetch(REF, [1n], want, newCall()), want)).toEqual(['{"id":1,"document":"p"}']);
    await other.close();
  });

  test('payload indexes: an integer index sees integers, a text index makes substrings residual', async () => {
    await sdk.createCollection(NAME, { vectors: { size: 1, distance: 'Dot' } });
    const texts = ['red shoe', 'Red hat', 'shoehorn'];
    const points = [0, 1, 2].map(i => ({
      id: i,
      vector: [1],
      payload: { n: i, f: i + 0.5, kw: `k${i}`, body: texts[i] },
    }));
    await sdk.upsert(NAME, { wait: true, points });
    for (const [field_name, field_schema] of [
      ['n', 'integer'],
      ['f', 'float'],
      ['kw', 'keyword'],
      ['body', 'text'],
    ] as const) {
      await sdk.createPayloadIndex(NAME, { field_name, field_schema, wait: true });
    }
    // The last look at the indexes may be a second old.
    await database.drop({ collection: `${NAME}_none`, partition: '' }, newCall()).catch(() => undefined);
    await new Promise(resolve => setTimeout(resolve, 1_100));
    expect(await idsWhere('n = 1')).toEqual([1n]);
    expect(await idsWhere('n < 1.5')).toEqual([0n, 1n]);
    expect(await idsWhere('n > 0.5')).toEqual([1n, 2n]);
    expect(await idsWhere('n = 1.5')).toEqual([]);
    expect(await idsWhere('n >= 1 and f < 2')).toEqual([1n]);
    expect(await idsWhere('kw in ("k0","k2") and not kw = "k2"')).toEqual([0n]);
    expect(await idsWhere('kw ~ "1"')).toEqual([1n]);
    expect((await database.split!(REF, parseFilter('body ~ "shoe"'), newCall())).native).toBeNull();
    const { fields } = await database.describe(REF, newCall());
    expect(fields.filter(({ indexed }) => indexed).map(({ name }) => name)).toEqual(['body', 'f', 'kw', 'n']);
  });

  test('a collection is made like another one: vectors, index settings, payload indexes, metadata', async () => {
    await sdk.createCollection(NAME, {
      vectors: { a: { size: 2, distance: 'Dot', on_disk: true, hnsw_config: { m: 4 } } },
      sparse_vectors: { kw: { modifier: 'idf' } },
      hnsw_config: { m: 24 },
      metadata: { owner: 'me' },
    } as Parameters<QdrantClient['createCollection']>[1]);
    await sdk.createPayloadIndex(NAME, { field_name: 'c', field_schema: 'keyword', wait: true });
    const { vectors, native } = await database.describe(REF, newCall());
    const copy = `${NAME}_copy`;
    await database.create({ name: copy, vectors, native: JSON.parse(JSON.stringify(native)) }, newCall());
    const [one, two] = [await sdk.getCollection(NAME), await sdk.getCollection(copy)];
    await sdk.deleteCollection(copy);
    expect(two.config).toEqual(one.config);
    expect(Object.keys(two.payload_schema)).toEqual(['c']);
  });
});

describe('ids that stand for others', () => {
  const spec = () => ({
    name: NAME,
    vectors: [{ name: '', kind: 'dense' as const, dimension: 3, metric: 'dot' as const, element: 'f32' as const }],
  });

  test('the UUID that a text is kept as names no record, and cannot become one', async () => {
    await database.create(spec(), newCall());
    const uuid = derived('s:sku-1');
    await write([record('sku-1', { document: 'kept' })]);
    expect((await database.fetch(REF, [uuid], WANT, newCall())).count).toBe(0);
    expect(await database.remove(REF, [uuid], newCall())).toBe(0);
    expect(await idsWhere(`id in ("${uuid}", "other")`)).toEqual([]);
    expect(await idsWhere(`id != "${uuid}"`)).toEqual(['sku-1']);
    await expect(write([record(uuid)])).rejects.toMatchObject({ code: 'invalid', details: { reason: 'duplicate_id' } });
    await expect(write([record('sku-2'), record(derived('s:sku-2'))])).rejects.toMatchObject({
      details: { reason: 'duplicate_id' },
    });
    expectRecords(await scanned(), [record('sku-1', { document: 'kept' })]);
  });

  test('a point of others under the UUID of a text is not overwritten', async () => {
    await database.create(spec(), newCall());
    const uuid = derived('s:sku-1');
    await sdk.upsert(NAME, { wait: true, points: [{ id: uuid, vector: [1, 2, 3], payload: {} }] });
    await expect(write([record('sku-1')])).rejects.toMatchObject({
      details: { reason: 'duplicate_id', outcome: 'not_applied' },
    });
    await write([record(uuid, { document: 'its own' })]);
    expectRecords(await scanned(), [record(uuid, { document: 'its own' })]);
  });
});

describe('update', () => {
  test('keys are set one by one, also null, odd keys, the document key and floats that are misread', async () => {
    await database.create({ name: NAME, vectors: [] }, newCall());
    const bare = (id: bigint | string, metadata: string, document?: string) =>
      record(id, { vectors: {}, metadata, ...(document !== undefined && { document }) }).replace('"vectors":{},', '');
    const misread = '0.23524605575704594';
    await write([bare(1n, `{"a":1,"f":${misread}}`, 'd'), bare('two', '{"a":2}')]);
    const update = (set: Record<string, string>, unset: string[] = []) =>
      database.update!(REF, [1n, 'two', 3n], { set, unset }, newCall());
    expect(await update({ b: '{"x":[1.0]}' }, ['a'])).toBe(2);
    expectRecords(await scanned(), [
      bare(1n, `{"f":${misread},"b":{"x":[1.0]}}`, 'd'),
      bare('two', '{"b":{"x":[1.0]}}'),
    ]);
    expect(await update({ f: '0.5', 'say "x"': 'null', g: misread })).toBe(2);
    const odd = `"b":{"x":[1.0]},"f":0.5,"say \\"x\\"":null,"g":${misread}`;
    expectRecords(await scanned(), [bare(1n, `{${odd}}`, 'd'), bare('two', `{${odd}}`)]);
    expect(await update({ document: '"metadata"' }, ['b', 'f', 'say "x"'])).toBe(2);
    expectRecords(await scanned(), [
      bare(1n, `{"g":${misread},"document":"metadata"}`, 'd'),
      bare('two', `{"g":${misread},"document":"metadata"}`),
    ]);
    expect(await update({ g: '1' }, ['document'])).toBe(2);
    expectRecords(await scanned(), [bare(1n, '{"g":1}', 'd'), bare('two', '{"g":1}')]);
    await expect(update({ _vdb_id: '1' })).rejects.toMatchObject({ details: { reason: 'reserved_key' } });
  });

  test('a float of the sidecar gives way to what another program wrote', async () => {
    await database.create({ name: NAME, vectors: [] }, newCall());
    const line = '{"id":1,"metadata":{"f":0.23524605575704594}}';
    await write([line]);
    expect(await scanned()).toEqual([line]);
    await sdk.setPayload(NAME, { wait: true, payload: { f: 0.75 }, points: [1] });
    expect(await scanned()).toEqual(['{"id":1,"metadata":{"f":0.75}}']);
  });
});

test('native requests: rows in the server’s spelling, parameters, and what is refused before it is sent', async () => {
  await sdk.createCollection(NAME, { vectors: { size: 1, distance: 'Dot' } });
  const run = async (statement: string, params = {}) => {
    const rows: string[] = [];
    for await (const row of database.native!(statement, params, newCall())) rows.push(row);
    return rows;
  };
  const body =
    '{"points":[{"id":18446744073709551615,"vector":[1],"payload":{"f":1.0,"s":"$x"}},{"id":2,"vector":[2]}]}';
  await run(`PUT /collections/$c/points?wait=true ${body}`, { c: NAME });
  expect(await run('POST /collections/$c/points/scroll {"limit":"$n","with_payload":true}', { c: NAME, n: 5 })).toEqual(
    ['{"id":2,"payload":{}}', '{"id":18446744073709551615,"payload":{"f":1.0,"s":"$x"}}'],
  );
  expect(await run(`POST /collections/${NAME}/points/count {"exact":true}`)).toEqual(['{"count":2}']);
  expect(await run('GET /healthz')).toEqual(['"healthz check passed"']);
  await expect(run('select 1')).rejects.toMatchObject({ code: 'usage' });
  await expect(run('GET /collections', { unused: 1 })).rejects.toMatchObject({ code: 'usage' });
  await expect(run('POST /collections/x/points {')).rejects.toMatchObject({
    code: 'usage',
    details: { reason: 'syntax' },
  });
  await expect(run('GET /collections/none-such')).rejects.toMatchObject({ code: 'not_found' });
});
