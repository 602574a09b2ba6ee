import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../../src/core/connector.ts';
import { parseFilter } from '../../../src/model/filter/parse.ts';
import { type RecordBatch, WANT_ALL } from '../../../src/model/record.ts';
import { parseRecords, recordLine } from '../../../src/model/recordLine.ts';
import { newCall, openPglite, sql } from './database.ts';

let database: Database;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ database, close } = await openPglite());
}, 60_000);
afterAll(() => close());

const ref = (collection: string) => ({ collection, partition: '' });
const run = (statement: string) => sql(database, statement);

async function lines(collection: string, where?: string): Promise<unknown[]> {
  const found: unknown[] = [];
  const request = {
    want: WANT_ALL,
    batchBytes: 1 << 20,
    batchRecords: 2,
    ...(where && { filter: parseFilter(where) }),
  };
  for await (const { batch } of database.scan!(ref(collection), request, newCall())) found.push(...texts(batch));
  return found;
}

function texts(batch: RecordBatch): string[] {
  return batch.ids.map((_, row) => recordLine(batch, row, WANT_ALL));
}

async function upsert(collection: string, line: string): Promise<void> {
  const { vectors } = await database.describe(ref(collection), newCall());
  const { batches, faults } = parseRecords([line], { vectors });
  expect(faults).toEqual([]);
  await database.upsert(ref(collection), batches[0]!, {}, newCall());
}

test('a table with typed columns reads as records, in the order of its key', async () => {
  await run(`create table items (id bigserial primary key, embedding vector(3), content text, price numeric, ratio float8,
    n int, flag bool, made timestamptz, tags text[], scores float8[], uid uuid, raw bytea, meta jsonb,
    upper_content text generated always as (upper(content)) stored)`);
  await run(`insert into items values
    (2, '[1,2,3]', 'zwei', 2.50, 1, 3, true, '2024-01-02 03:04:05.678901+02', '{a,b}', '{1,2.5}',
      '00000000-0000-0000-0000-000000000001', '\\x00ff', '{"k": 1.0, "deep": {"x": null}}'),
    (10, null, '', 1, 1e21, null, null, null, '{}', null, null, null, null),
    (9007199254740993, '[0,-0,1e-45]', null, 7, 0.1, null, null, null, null, null, null, null, '[1]')`);
  expect(await lines('items')).toEqual([
    `{"id":2,"vector":[1,2,3],"metadata":{"k":1.0,"n":3,"raw":{"$bytes":"AP8="},"uid":"00000000-0000-0000-0000-000000000001","deep":{"x":null},"flag":true,"made":{"$date":"2024-01-02T01:04:05.678901Z"},"tags":["a","b"],"price":2.50,"ratio":1.0,"scores":[1.0,2.5]},"document":"zwei"}`,
    `{"id":10,"metadata":{"tags":[],"price":1,"ratio":1000000000000000000000.0},"document":""}`,
    `{"id":9007199254740993,"vector":[0,-0,1e-45],"metadata":{"meta":[1],"price":7,"ratio":0.1}}`,
  ]);
  const { vectors, fields, count } = await database.describe(ref('items'), newCall());
  expect(vectors).toEqual([{ name: '', kind: 'dense', dimension: 3, metric: null, element: 'f32' }]);
  expect(fields).toContainEqual({ name: 'tags', type: 'array<string>' });
  expect(count).toBe(3);
});

test.each([
  ['price < 3', [2n, 10n]],
  ['k = 1', [2n]],
  ['deep exists', [2n]],
  ['deep.x exists', []],
  ['tags has "a"', [2n]],
  ['made > "2024-01-01"', [2n]],
  ['made = "2024-01-02T03:04:05.678901+02:00"', [2n]],
  ['ratio >= 1', [2n, 10n]],
  ['not flag = true', [10n, 9007199254740993n]],
  ['id in (10, 9007199254740993, "2")', [10n, 9007199254740993n]],
])('filters see columns and jsonb alike: %s', async (where, ids) => {
  const { count } = await database.count!(ref('items'), { filter: parseFilter(where), exact: true }, newCall());
  expect(count).toBe(ids.length);
  const found = (await lines('items', where)) as string[];
  expect(found.map(line => BigInt(/"id":(\d+)/.exec(line)![1]!))).toEqual(ids);
});

test('a record goes into the columns, what has none into jsonb, and comes back the same', async () => {
  const line = `{"id":5,"vector":[1,0,0],"metadata":{"n":7,"made":{"$date":"2024-01-02T01:04:05.678901Z"},"tags":["x"],"extra":[1,1.0,-0.0],"flag":"no bool","price":1.25,"ratio":2.0,"raw":{"$bytes":"AQI="}},"document":"fünf"}`;
  await upsert('items', line);
  const [row] = await run(
    `select n, made::text, tags, meta -> 'flag' as flag, flag as column_flag, price, encode(raw, 'hex') as raw from items where id = 5`,
  );
  expect(row).toMatchObject({ n: 7, tags: '{x}', flag: 'no bool', column_flag: null, price: 1.25, raw: '0102' });
  const [back] = texts(await database.fetch(ref('items'), [5n], WANT_ALL, newCall()));
  expect(parts(back!)).toEqual(parts(line));
  // Whole records are replaced: columns and keys that are not given again go.
  await upsert('items', '{"id":5,"metadata":{"n":8}}');
  expect(texts(await database.fetch(ref('items'), [5n], WANT_ALL, newCall()))).toEqual(['{"id":5,"metadata":{"n":8}}']);
  expect(await database.update!(ref('items'), [5n, 6n], { set: { n: '9', more: '1e30' }, unset: [] }, newCall())).toBe(
    1,
  );
  expect(texts(await database.fetch(ref('items'), [5n], WANT_ALL, newCall()))[0]).toMatch(/"n":9/);
  expect(await database.remove(ref('items'), [5n], newCall())).toBe(1);
});

test('an id that the key cannot hold is refused', async () => {
  for (const id of ['"5"', '18446744073709551615']) {
    await expect(upsert('items', `{"id":${id}}`)).rejects.toMatchObject({ code: 'invalid' });
  }
  expect(await database.remove(ref('items'), ['2', 2n ** 64n - 1n], newCall())).toBe(0);
});

test('without a jsonb column no key is lost in silence', async () => {
  await run(
    'create table strict (uid uuid primary key, a vector(2), b vector(2), body text, n int not null default 4)',
  );
  const id = '00000000-0000-0000-0000-00000000000a';
  const vectors = '"vectors":{"a":[1,2],"b":[3,4]}';
  await upsert('strict', `{"id":"${id}",${vectors},"metadata":{"n":1},"document":"d"}`);
  expect(await lines('strict')).toEqual([`{"id":"${id}",${vectors},"metadata":{"n":1},"document":"d"}`]);
  for (const metadata of ['{"other":1}', '{"n":"1"}', '{"n":1.5}', '{"n":null}']) {
    await expect(upsert('strict', `{"id":"${id}","metadata":${metadata}}`)).rejects.toMatchObject({ code: 'invalid' });
  }
  await expect(upsert('strict', '{"id":"no uuid"}')).rejects.toMatchObject({ code: 'invalid' });
  await upsert('strict', `{"id":"${id}"}`);
  expect(await lines('strict')).toEqual([`{"id":"${id}","metadata":{"n":4}}`]);
});

test('tables elsewhere are schema.table, and tables without an id say what to do', async () => {
  await run('create schema "Other"');
  await run('create table "Other"."My.Docs" (key text primary key, v halfvec(2), s sparsevec(10), meta json)');
  await run(`insert into "Other"."My.Docs" values ('a', '[0.5,-0]', '{1:2.5,10:-1}/10', '{"b": 1}')`);
  await run('create table loose (a int, v vector(2))');
  const names = (await database.collections(newCall())).map(summary => summary.name);
  expect(names).toContain('Other.My.Docs');
  expect(names).not.toContain('loose');
  expect(await lines('Other.My.Docs')).toEqual([
    '{"id":"a","vectors":{"v":[0.5,-0],"s":{"indices":[0,9],"values":[2.5,-1]}},"metadata":{"meta":{"b":1}}}',
  ]);
  const error = await database.describe(ref('loose'), newCall()).catch((failure: unknown) => failure);
  expect(error).toMatchObject({ code: 'unsupported', details: { hint: expect.stringContaining('--id-column') } });
  await expect(database.describe(ref('Other.none'), newCall())).rejects.toMatchObject({ code: 'not_found' });
});

test('an index gives a table its metric, and a rare filter still finds its k', async () => {
  await run('create table indexed (id int primary key, v vector(4), rare int)');
  await run(`insert into indexed select i, array[random(), random(), random(), random()]::vector, case when i % 500 = 0 then 1 end
    from generate_series(1, 3000) i`);
  await run('create index on indexed using hnsw (v vector_ip_ops)');
  expect((await database.describe(ref('indexed'), newCall())).vectors[0]!.metric).toBe('dot');
  const request = { vector: Float32Array.of(1, 0, 0, 0), using: '', want: { ...WANT_ALL, vectors: false } };
  const rare = await database.search(ref('indexed'), { ...request, k: 6, filter: parseFilter('rare = 1') }, newCall());
  expect([...rare.batch.ids].sort((a, b) => Number(a) - Number(b))).toEqual([500n, 1000n, 1500n, 2000n, 2500n, 3000n]);
  const many = await database.search(ref('indexed'), { ...request, k: 2900 }, newCall());
  expect(many.batch.count).toBe(2900);
  expect([...many.scores]).toEqual([...many.scores].sort((a, b) => b - a));
});

/** A record's line by its parts; metadata has no order. */
function parts(line: string): unknown {
  const { metadata, ...rest } = JSON.parse(line);
  return [rest, Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1))];
}
