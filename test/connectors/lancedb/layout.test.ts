import { expect, test } from 'vitest';
import { parseFilter } from '../../../src/model/filter/parse.ts';
import { newCall, refOf } from '../../contract/directSubject.ts';
import { columnsOf, openTemporary, type Temporary, VECTOR } from './openTemporary.ts';

async function own(): Promise<Temporary> {
  const temporary = await openTemporary();
  await temporary.database.create({ name: 't', vectors: [VECTOR] }, newCall());
  return temporary;
}

const line = (id: string, metadata: string, rest = ''): string =>
  `{"id":"${id}","vector":[1,2],"metadata":${metadata}${rest}}`;

async function isNative({ database }: Temporary, where: string): Promise<boolean> {
  return (await database.split!(refOf('t'), parseFilter(where), newCall())).residual === null;
}

async function sidecars({ lance }: Temporary): Promise<unknown[]> {
  const rows = await (await lance.openTable('t')).query().select(['id', '_vdb_x']).toArray();
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1)).map(row => row._vdb_x);
}

test('values that share a type are columns that other programs can use, and need no sidecar', async () => {
  const t = await own();
  await t.put('t', [
    line('a', '{"s":"x","n":1,"f":1.5,"on":true,"tags":["p","q"],"ns":[1,2],"fs":[1.0,2.5]}', ',"document":"d"'),
    line('b', '{"n":-9223372036854775808,"f":-0.0,"tags":[]}'),
  ]);
  expect(await columnsOf(t, 't')).toEqual([
    'id:Utf8',
    'vector:FixedSizeList[2]<Float32>',
    'document:Utf8',
    '_vdb_x:Utf8',
    's:Utf8',
    'n:Int64',
    'f:Float64',
    'on:Bool',
    'tags:List<Utf8>',
    'ns:List<Int64>',
    'fs:List<Float64>',
  ]);
  expect(await sidecars(t)).toEqual([null, null]);
  const rows = await (await t.lance.openTable('t')).query().where("array_has(tags, 'q') AND f > 1").toArray();
  expect(rows.map(row => row.document)).toEqual(['d']);
});

test('the sidecar holds only what columns cannot tell', async () => {
  const t = await own();
  const lines = [
    line('a', '{"f":2.5}'),
    line('b', '{"f":3.0}'),
    line('c', '{"f":4}'),
    line('d', '{"f":null,"deep":{"k":[1,1.0]}}'),
    line('e', '{"a.b":18446744073709551615,"f":9007199254740993}', ',"uri":"file:///x"'),
    line('f', '{"f":"text"}'),
    line('g', '{"f":1e+300}'),
  ];
  await t.put('t', lines);
  expect((await t.all('t')).sort()).toEqual(lines);
  expect(await sidecars(t)).toEqual([
    null,
    '{"f":["f"]}',
    null,
    '{"m":{"f":null,"deep":{"k":[1,1.0]}}}',
    '{"m":{"a.b":18446744073709551615,"f":9007199254740993},"u":"file:///x"}',
    '{"m":{"f":"text"}}',
    null,
  ]);
});

test('a field stays native until a value of another type comes, and a key never seen is native too', async () => {
  const t = await own();
  await t.put('t', [line('a', '{"n":1,"deep":{"k":1},"null":null}')]);
  expect(await isNative(t, 'n > 0 and unknown = 1')).toBe(true);
  expect(await isNative(t, 'n.k = 1')).toBe(true);
  expect(await isNative(t, '`null` = 1')).toBe(true);
  expect(await isNative(t, 'deep.k = 1')).toBe(false);
  await t.put('t', [line('b', '{"n":"one"}')]);
  expect(await isNative(t, 'n > 0')).toBe(false);
  const { native, residual } = await t.database.split!(refOf('t'), parseFilter('id = "a" and n > 0'), newCall());
  expect([native, residual]).toEqual([parseFilter('id = "a"'), parseFilter('n > 0')]);
});

test('fields of every column type are filtered by presence', async () => {
  const t = await own();
  const keys = { s: '"x"', n: '1', f: '1.5', on: 'false', tags: '["x"]' };
  const full = line('a', `{${Object.entries(keys).map(([key, value]) => `"${key}":${value}`)}}`);
  await t.put('t', [full, line('b', '{}')]);
  for (const key of Object.keys(keys)) {
    expect(await isNative(t, `${key} exists`), key).toBe(true);
    expect(await t.all('t', { filter: parseFilter(`${key} exists`) }), key).toEqual([full]);
    expect(await t.all('t', { filter: parseFilter(`${key} is null`) }), key).toEqual([line('b', '{}')]);
  }
});

test('a key that became a column after older records kept it aside is not native', async () => {
  const t = await own();
  await t.put('t', [line('a', '{"k":{"x":1}}')]);
  await t.put('t', [line('b', '{"k":"text"}')]);
  expect(await columnsOf(t, 't')).toContain('k:Utf8');
  expect(await isNative(t, 'k exists')).toBe(false);
  expect((await t.all('t')).sort()).toEqual([line('a', '{"k":{"x":1}}'), line('b', '{"k":"text"}')]);
});

test('no metadata key is ever the 257th column', async () => {
  const t = await own();
  const wide = `{${Array.from({ length: 400 }, (_, k) => `"k${k}":${k}`).join(',')}}`;
  await t.put('t', [line('a', wide)]);
  await t.put('t', ['{"id":7,"vector":[1,2]}']);
  expect(await columnsOf(t, 't')).toHaveLength(256);
  await t.put('t', [line('a', wide)]);
  expect(await t.all('t', { filter: parseFilter('k0 = 0') })).toEqual([line('a', wide)]);
});

test('names and metrics of vectors are kept, whatever their columns are called', async () => {
  const t = await openTemporary();
  const names = ['', 'vector', 'a.b', '_x', 'id', 'plain'];
  const vectors = names.map((name, i) => ({
    ...VECTOR,
    name,
    metric: i % 2 ? ('dot' as const) : ('euclidean' as const),
  }));
  await t.database.create({ name: 't', vectors }, newCall());
  const text =
    '{"id":"a","vectors":{"":[0,1],"vector":[1,1],"a.b":[2,1],"_x":[3,1],"id":[4,1],"plain":[5,1]},"metadata":{}}';
  await t.put('t', [text]);
  await (await t.lance.openTable('t')).optimize();
  expect(await t.all('t')).toEqual([text]);
  const described = await t.database.describe(refOf('t'), newCall());
  expect(described.vectors).toEqual(vectors);
  expect(await columnsOf(t, 't')).toContain('plain:FixedSizeList[2]<Float32>');
});

test('half-precision vectors keep their bits and can be searched', async () => {
  const t = await openTemporary();
  await t.database.create({ name: 't', vectors: [{ ...VECTOR, element: 'f16' }] }, newCall());
  const lines = ['{"id":"a","vector":[0.099975586,-0],"metadata":{}}', '{"id":"b","vector":[-1,1],"metadata":{}}'];
  await t.put('t', lines);
  expect((await t.all('t')).sort()).toEqual(lines);
  const request = {
    vector: new Float32Array([1, 0]),
    using: '',
    k: 2,
    want: { vectors: false, metadata: false, document: false },
  };
  const { batch } = await t.database.search(refOf('t'), request, newCall());
  expect(batch.ids).toEqual(['a', 'b']);
});

test('a reserved key and an unknown index option are refused', async () => {
  const t = await own();
  await expect(t.put('t', [line('a', '{"_vdb_x":1}')])).rejects.toMatchObject({
    code: 'invalid',
    details: { reason: 'reserved_key', outcome: 'not_applied' },
  });
  const spec = { name: 'u', vectors: [VECTOR], indexOptions: { lists: '100' } };
  await expect(t.database.create(spec, newCall())).rejects.toMatchObject({ code: 'unsupported' });
});

test.each(['', 'a b', '..', '.x', '-x', 'a/b', 'é', '../t', 'x'.repeat(250)])(
  'a table cannot be called %j',
  async name => {
    const t = await openTemporary();
    await expect(t.database.create({ name, vectors: [VECTOR] }, newCall())).rejects.toHaveProperty(
      'code',
      name === '' ? expect.stringMatching(/^(invalid|usage)$/) : 'invalid',
    );
    await expect(t.database.describe(refOf(name || ' '), newCall())).rejects.toHaveProperty('code', 'invalid');
  },
);
