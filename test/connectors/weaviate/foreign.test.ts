import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import weaviate, { type WeaviateClient } from 'weaviate-client';
import { connector } from '../../../src/connectors/weaviate/connector.ts';
import type { Database } from '../../../src/core/connector.ts';
import { matcher } from '../../../src/model/filter/evaluate.ts';
import { formatFilter } from '../../../src/model/filter/format.ts';
import { parseFilter } from '../../../src/model/filter/parse.ts';
import { WANT_ALL } from '../../../src/model/record.ts';
import { parseRecords, recordLine } from '../../../src/model/recordLine.ts';
import { expectRecords } from '../../contract/sameRecords.ts';
import { describeServer } from '../../servers/server.ts';
import { newCall, open, sdk } from './server.ts';

/** Collections made and written by the official client, and vdb's own as that client sees them. */
describeServer('weaviate', access => {
  let database: Database;
  let client: WeaviateClient;
  const made: string[] = [];
  let names = 0;
  const fresh = (): string => {
    const name = `Foreign${process.pid}n${names++}`;
    made.push(name);
    return name;
  };
  const ref = (collection: string) => ({ collection, partition: '' });

  beforeAll(async () => {
    database = await open(access);
    client = await sdk(access);
  });
  afterEach(async () => {
    for (const name of made.splice(0)) await client.collections.delete(name);
  });
  afterAll(async () => {
    await client.close();
    await database.close();
  });

  const all = async (name: string): Promise<string[]> => {
    const lines: string[] = [];
    const request = { want: WANT_ALL, batchBytes: 1 << 20, batchRecords: 100 };
    for await (const { batch } of database.scan!(ref(name), request, newCall()))
      for (let row = 0; row < batch.count; row++) lines.push(recordLine(batch, row, WANT_ALL));
    return lines;
  };
  const write = async (name: string, lines: string[]): Promise<void> => {
    const { vectors } = await database.describe(ref(name), newCall());
    for (const batch of parseRecords(lines, { vectors }).batches)
      await database.upsert(ref(name), batch, {}, newCall());
  };

  const rowsOf = async (statement: string): Promise<string[]> => {
    const rows: string[] = [];
    for await (const row of database.native!(statement, {}, newCall())) rows.push(row);
    return rows;
  };

  const ids = [
    '00000000-0000-0000-0000-000000000000',
    '11111111-1111-4111-8111-111111111111',
    'f0000000-0000-4000-8000-000000000001',
  ] as const;

  async function library(): Promise<string> {
    const name = fresh();
    const { dataType } = weaviate.configure;
    await client.collections.create({
      name,
      vectorizers: [
        weaviate.configure.vectors.selfProvided({ name: 'title' }),
        weaviate.configure.vectors.selfProvided({ name: 'body' }),
      ],
      properties: [
        { name: 'content', dataType: dataType.TEXT },
        { name: 'words', dataType: dataType.TEXT },
        { name: 'label', dataType: dataType.TEXT, tokenization: 'field' },
        { name: 'pages', dataType: dataType.INT },
        { name: 'price', dataType: dataType.NUMBER },
        { name: 'sold', dataType: dataType.BOOLEAN },
        { name: 'printed', dataType: dataType.DATE },
        { name: 'tags', dataType: dataType.TEXT_ARRAY },
        { name: 'counts', dataType: dataType.INT_ARRAY },
        { name: 'owner', dataType: dataType.UUID },
        { name: 'place', dataType: dataType.GEO_COORDINATES },
        { name: 'cover', dataType: dataType.BLOB },
        { name: 'maker', dataType: dataType.OBJECT, nestedProperties: [{ name: 'name', dataType: dataType.TEXT }] },
      ],
    });
    const books = client.collections.get(name);
    await books.data.insert({
      id: ids[1],
      properties: {
        content: 'A long text',
        words: 'Red shoe',
        label: ' spaced ',
        pages: 300,
        price: 12,
        sold: true,
        printed: new Date('2024-01-31T12:00:00.120Z'),
        tags: ['a', 'b'],
        counts: [1, 2],
        owner: ids[2],
        place: { latitude: 52.5, longitude: 13.25 },
        cover: 'AAEC',
        maker: { name: 'x' },
      } as never,
      vectors: { title: [1, 0.1], body: [1, 2, 3] },
    });
    await books.data.insert({
      id: ids[2],
      properties: { label: 'spaced', price: 1.5 } as never,
      vectors: { title: [0, 1] },
    });
    await books.data.insert({ id: ids[0] });
    return name;
  }

  test('what the official client wrote is read as it is', async () => {
    const name = await library();
    const info = await database.describe(ref(name), newCall());
    expect(info).toMatchObject({ count: 3, countExact: true });
    expect(Object.fromEntries(info.vectors.map(each => [each.name, [each.dimension, each.metric]]))).toEqual({
      title: [2, 'cosine'],
      body: [3, 'cosine'],
    });
    expect(Object.fromEntries(info.fields.map(field => [field.name, field.type]))).toMatchObject({
      pages: 'integer',
      price: 'float',
      tags: 'array<string>',
      printed: 'datetime',
      place: 'geo',
      cover: 'bytes',
      maker: 'object',
    });
    const [none, full, some] = (await all(name)).map(line => line);
    expect(none).toBe(`{"id":"${ids[0]}","metadata":{}}`);
    expect(JSON.parse(full!)).toEqual({
      id: ids[1],
      vectors: { title: [1, 0.1], body: [1, 2, 3] },
      document: 'A long text',
      metadata: {
        words: 'Red shoe',
        label: ' spaced ',
        pages: 300,
        price: 12,
        sold: true,
        printed: { $date: '2024-01-31T12:00:00.12Z' },
        tags: ['a', 'b'],
        counts: [1, 2],
        owner: ids[2],
        place: { $geo: { lat: 52.5, lon: 13.25 } },
        cover: { $bytes: 'AAEC' },
        maker: { name: 'x' },
      },
    });
    // A number is a float there, an int an integer.
    expect(full).toContain('"price":12.0');
    expect(full).toContain('"pages":300,');
    expect(some).toContain('"price":1.5');
    expect((await database.collections(newCall())).find(each => each.name === name)).toMatchObject({ count: 3 });
    // The first letter may be given small.
    expect((await database.describe(ref(name.replace('F', 'f')), newCall())).name).toBe(name);
  });

  test('filters mean what they say, or are left to the evaluator', async () => {
    const name = await library();
    const lines = await all(name);
    const { batches } = parseRecords(lines, {});
    const left: string[] = [];
    for (const where of [
      'pages = 300',
      'pages = 300.0',
      'pages > 299.5',
      'pages < 300',
      'not pages = 300',
      'price >= 1.5',
      'price in (1.5, "x")',
      'sold = true',
      'sold exists',
      'price exists',
      'printed = "2024-01-31T12:00:00.12Z"',
      'printed < "2024-01-31T12:00:00.12Z"',
      'printed >= @2024-01-31T13:00:00.12+01:00',
      `owner = "${ids[2]}"`,
      'owner = "x"',
      'counts = 2',
      'counts has 2',
      'counts > 5',
      'pages = "300"',
      'missing = 1',
      'missing is null',
      `id in ("${ids[0]}", "${ids[1]}", "x", 7)`,
      `id != "${ids[1]}"`,
      'label = "spaced"',
      'words = "Red shoe"',
      'words = "red shoe"',
      'words ~ "shoe"',
      'tags = "a"',
      'tags has "b" and pages = 300',
      'tags exists',
      'place exists',
      'maker.name = "x"',
      'cover exists',
    ]) {
      const filter = parseFilter(where);
      const { native, residual } = await database.split!(ref(name), filter, newCall());
      if (residual !== null) left.push(formatFilter(residual));
      const expected = (part: typeof filter | null): string[] =>
        batches
          .flatMap(batch => batch.ids.filter((id, row) => part === null || matcher(part)(id, batch.metadata[row])))
          .map(String)
          .sort();
      expect(expected({ op: 'and', args: [native, residual].filter(part => part !== null) }), where).toEqual(
        expected(filter),
      );
      if (native === null) continue;
      const got: string[] = [];
      const request = { want: WANT_ALL, batchBytes: 1 << 20, batchRecords: 100, filter: native };
      for await (const { batch } of database.scan!(ref(name), request, newCall())) got.push(...batch.ids.map(String));
      expect(got, where).toEqual(expected(native));
    }
    // Words are not text, [] is null to the index, and objects are not indexed.
    expect(left).toEqual([
      'label = "spaced"',
      'words = "Red shoe"',
      'words = "red shoe"',
      'words ~ "shoe"',
      'tags = "a"',
      'tags has "b"',
      'tags exists',
      'place exists',
      'maker.name = "x"',
      'cover exists',
    ]);
  });

  test('vdb writes into it without changing what its types mean', async () => {
    const name = await library();
    const line = `{"id":"${ids[2]}","vectors":{"title":[0.5,-0.0]},"metadata":{"label":"x","pages":2,"price":3,"sold":"maybe","printed":{"$date":"2024-02-01T00:00:00+02:00"},"tags":[],"counts":[],"place":{"$geo":{"lat":52.52,"lon":13.4}},"cover":{"$bytes":"//8="},"maker":{"name":"y"},"extra":1,"Text":"t"},"document":"doc","uri":"u:1"}`;
    const named = `{"id":"seven","vectors":{"title":[1,2],"body":[3,4,5]},"metadata":{"price":1.0}}`;
    await write(name, [line, named]);
    const lines = await all(name);
    const back = lines.map(each => JSON.parse(each));
    expect(back.find(each => each.id === ids[2])).toEqual(JSON.parse(line));
    expect(back.find(each => each.id === 'seven')).toEqual(JSON.parse(named));
    expect(lines.find(each => each.startsWith(`{"id":"${ids[2]}"`))).toContain('"price":3,');
    const seen = await client.collections.get(name).query.fetchObjectById(ids[2], { includeVector: true });
    expect(seen!.properties).toMatchObject({ label: 'x', pages: 2, price: 3, content: 'doc', extra: 1 });
    expect(seen!.vectors.title).toEqual([0.5, -0]);
    const sidecar = JSON.parse(String(seen!.properties._vdb_x)).m;
    for (const key of ['tags', 'counts', 'cover']) expect(sidecar, key).not.toHaveProperty(key);
    // Merged into the same record by neither side.
    expect(await database.update!(ref(name), [ids[2]], { set: { pages: '5' }, unset: ['label'] }, newCall())).toBe(1);
    const after = await client.collections.get(name).query.fetchObjectById(ids[2]);
    expect(after!.properties).toMatchObject({ pages: 5, price: 3, content: 'doc' });
    expect(after!.properties.label).toBeUndefined();
  });

  test('cross-references are read as beacons, and survive an update', async () => {
    const target = await library();
    const name = fresh();
    await client.collections.create({
      name,
      references: [{ name: 'about', targetCollection: target }],
      properties: [{ name: 'n', dataType: 'int' }],
    });
    const reviews = client.collections.get(name);
    await reviews.data.insert({ id: ids[1], properties: { n: 1 } as never });
    for (const to of [ids[1], ids[2]]) await reviews.data.referenceAdd({ fromProperty: 'about', fromUuid: ids[1], to });
    const metadata = { n: 1, about: [ids[1], ids[2]].map(id => `weaviate://localhost/${target}/${id}`) };
    expect((await all(name)).map(each => JSON.parse(each).metadata)).toEqual([metadata]);
    await database.update!(ref(name), [ids[1]], { set: { n: '2' }, unset: [] }, newCall());
    expect((await all(name)).map(each => JSON.parse(each).metadata)).toEqual([{ ...metadata, n: 2 }]);
    const seen = await reviews.query.fetchObjectById(ids[1], { returnReferences: [{ linkOn: 'about' }] });
    expect(seen!.references!.about!.objects).toHaveLength(2);
    // A reference to nothing is none to the server.
    await database.update!(ref(name), [ids[1]], { set: { about: '[]' }, unset: [] }, newCall());
    expect((await all(name)).map(each => JSON.parse(each).metadata)).toEqual([{ n: 2, about: [] }]);
  });

  test('a record written through vdb looks native to the official client', async () => {
    const { name } = await database.create(
      {
        name: fresh(),
        vectors: [{ name: '', kind: 'dense', dimension: 3, metric: 'cosine', element: 'f32' }],
      },
      newCall(),
    );
    await write(name, [
      '{"id":"one","vector":[3,-0.0,1e-45],"metadata":{"n":1,"f":2.5,"ok":true,"tags":["x"],"text":" t ","First name":"Ann","when":{"$date":"2024-01-31T12:00:00Z"}},"document":"Hello world"}',
      `{"id":"${ids[1]}","vector":[0,1,0],"metadata":{"n":2.0,"deep":{"a":1}},"document":"Other"}`,
    ]);
    const { fields } = await database.describe(ref(name), newCall());
    expect(Object.fromEntries(fields.map(field => [field.name, field.type]))).toMatchObject({
      n: 'float',
      f: 'float',
      'First name': 'string',
      when: 'datetime',
      tags: 'array<string>',
    });
    const books = client.collections.get(name);
    const config = await books.config.get();
    expect(Object.fromEntries(config.properties.map(each => [each.name, each.dataType]))).toMatchObject({
      n: 'number',
      f: 'number',
      ok: 'boolean',
      tags: 'text[]',
      first_name: 'text',
      when: 'date',
      document: 'text',
    });
    const found = await books.query.fetchObjects({
      filters: books.filter.byProperty('n').equal(1),
      includeVector: true,
    });
    expect(found.objects).toHaveLength(1);
    expect(found.objects[0]!.vectors.default).toEqual([3, -0, 1.401298464324817e-45]);
    expect(found.objects[0]!.properties).toMatchObject({
      document: 'Hello world',
      n: 1,
      f: 2.5,
      ok: true,
      tags: ['x'],
      text: ' t ',
      first_name: 'Ann',
      _vdb_id: 's:one',
    });
    expect(
      (await books.query.fetchObjects({ filters: books.filter.byProperty('n').greaterThan(1) })).objects,
    ).toHaveLength(1);
    expect((await books.query.bm25('hello')).objects).toHaveLength(1);
    expect((await books.query.nearVector([0, 1, 0], { limit: 1 })).objects[0]!.uuid).toBe(ids[1]);
    const query = `{ Get { ${name}(where: {path: ["ok"], operator: Equal, valueBoolean: true}) { n document } } }`;
    expect((await rowsOf(query)).map(row => JSON.parse(row))).toEqual([{ n: 1, document: 'Hello world' }]);
    const [meta] = await rowsOf('GET /v1/meta');
    expect(JSON.parse(meta!).version).toBe((await database.ping(newCall())).serverVersion);
    await expect(rowsOf('{ Get { Nobody { x } } }')).rejects.toMatchObject({
      code: 'invalid',
    });
  });

  test('a collection made from the settings of another one has them', async () => {
    const source = await library();
    const info = await database.describe(ref(source), newCall());
    const spec = { name: fresh(), vectors: info.vectors, fields: info.fields, native: info.native! };
    const copy = await database.create(spec, newCall());
    expect(copy.vectors).toEqual(info.vectors);
    await write(copy.name, await all(source));
    expectRecords(await all(copy.name), await all(source));
    const seen = await client.collections.get(copy.name).query.fetchObjectById(ids[1]);
    expect(seen!.properties).toMatchObject({ content: 'A long text', pages: 300, owner: ids[2] });
    const config = await client.collections.get(copy.name).config.get();
    const tokenizations = Object.fromEntries(config.properties.map(each => [each.name, each.tokenization]));
    expect(tokenizations).toMatchObject({ words: 'word', label: 'field' });
  });

  test('the connection is told by name', () => {
    expect(connector.endpoint({ url: access.url })).toBe(access.url.replace('http://', ''));
  });
});
