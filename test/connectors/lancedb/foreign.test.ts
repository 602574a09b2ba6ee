import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { parseFilter } from '../../../src/model/filter/parse.ts';
import { newCall, refOf } from '../../contract/directSubject.ts';
import { expectRecords } from '../../contract/sameRecords.ts';
import { columnsOf, openTemporary, type Temporary } from './openTemporary.ts';

const arrow: typeof import('apache-arrow') = createRequire(import.meta.url)('apache-arrow');
type Type = import('apache-arrow').DataType;

const field = (name: string, type: Type) => new arrow.Field(name, type, true);
const vector = () => new arrow.FixedSizeList(2, field('item', new arrow.Float32()));

/** A table made as other programs make theirs: row objects with a schema. */
async function foreign(t: Temporary, types: Record<string, Type>, rows: Record<string, unknown>[]): Promise<void> {
  const schema = new arrow.Schema(Object.entries(types).map(([name, type]) => field(name, type)));
  const table = await t.lance.createEmptyTable('t', schema);
  if (rows.length > 0) await table.add(rows);
}

test('ids, document, vector and metadata are found, and nothing of ours is added by reading', async () => {
  const t = await openTemporary();
  const types = {
    id: new arrow.Int64(),
    embedding: vector(),
    text: new arrow.Utf8(),
    price: new arrow.Float64(),
    stock: new arrow.Int32(),
    small: new arrow.Float32(),
    seen: new arrow.TimestampMicrosecond('UTC'),
    day: new arrow.DateDay(),
    raw: new arrow.Binary(),
    place: new arrow.Struct([field('city', new arrow.Utf8()), field('zip', new arrow.Int16())]),
    scores: new arrow.List(field('item', new arrow.Float32())),
  };
  await foreign(t, types, [
    {
      id: 7n,
      embedding: [1, 2],
      text: 'hello',
      price: 3,
      stock: 4,
      small: 0.5,
      seen: 1706702400000,
      day: new Date('2024-01-31'),
      raw: Buffer.from('abc'),
      place: { city: 'Bern', zip: 3000 },
      scores: [1, 0.5],
    },
    { id: -8n, embedding: [3, 4], text: '', price: Number.NaN, stock: null, small: null },
  ]);
  const before = await columnsOf(t, 't');
  expect(await t.all('t')).toEqual([
    '{"id":7,"vector":[1,2],"metadata":{"price":3.0,"stock":4,"small":0.5,"seen":{"$date":"2024-01-31T12:00:00Z"},' +
      '"day":{"$date":"2024-01-31T00:00:00Z"},"raw":{"$bytes":"YWJj"},"place":{"city":"Bern","zip":3000},"scores":[1.0,0.5]},"document":"hello"}',
    // The SDK makes a struct of nulls where a row has none.
    '{"id":-8,"vector":[3,4],"metadata":{"place":{}},"document":""}',
  ]);
  expect(await t.get('t', [-8n, '7', 7n])).toHaveLength(2);
  const matching = async (where: string) =>
    (await t.all('t', { filter: parseFilter(where) })).map(text => JSON.parse(text).id);
  expect(await matching('price >= 3')).toEqual([7]);
  expect(await matching('not price exists')).toEqual([-8]);
  expect(await matching('stock < 9999999999 and small = 0.5')).toEqual([7]);
  const { residual } = await t.database.split!(refOf('t'), parseFilter('place.city = "Bern"'), newCall());
  expect(residual).not.toBeNull();
  const info = await t.database.describe(refOf('t'), newCall());
  expect(info.vectors).toEqual([{ name: '', kind: 'dense', element: 'f32', dimension: 2, metric: null }]);
  const request = {
    vector: new Float32Array([3, 4]),
    using: '',
    k: 1,
    want: { vectors: false, metadata: false, document: true },
  };
  const hits = await t.database.search(refOf('t'), request, newCall());
  expect([hits.batch.ids, [...hits.scores]]).toEqual([[-8n], [-0]]);
  expect(await columnsOf(t, 't')).toEqual(before);
});

test('writing keeps the columns as they are, and adds only what is needed', async () => {
  const t = await openTemporary();
  await foreign(t, { id: new arrow.Utf8(), vector: vector(), price: new arrow.Float64(), stock: new arrow.Int64() }, [
    { id: 'a', vector: [1, 2], price: 3, stock: 1n },
  ]);
  const a = '{"id":"a","vector":[1,2],"metadata":{"price":3.0,"stock":1}}';
  const b = '{"id":"b","vector":[1,2],"metadata":{"price":4.0,"stock":2}}';
  await t.put('t', [b]);
  expect(await columnsOf(t, 't')).toHaveLength(4);
  const c = '{"id":"c","vector":[1,2],"metadata":{"price":5,"stock":2.5,"deep":{}},"document":"d"}';
  await t.put('t', [c]);
  expect((await columnsOf(t, 't')).slice(2)).toEqual(['price:Float64', 'stock:Int64', 'document:Utf8', '_vdb_x:Utf8']);
  expectRecords(await t.all('t'), [a, b, c]);
});

test('text has no place in a table of integer ids, and a table without an id is not read', async () => {
  const t = await openTemporary();
  await foreign(t, { id: new arrow.Int64(), vector: vector() }, []);
  await expect(t.put('t', ['{"id":"x","vector":[1,2]}'])).rejects.toMatchObject({ code: 'invalid' });
  await expect(t.put('t', ['{"id":9223372036854775808,"vector":[1,2]}'])).rejects.toMatchObject({ code: 'invalid' });
  await t.put('t', ['{"id":9223372036854775807,"vector":[1,2]}', '{"id":-9223372036854775808,"vector":[1,2]}']);
  expect(await t.database.remove(refOf('t'), [-(2n ** 63n), 'x', 2n ** 63n], newCall())).toBe(1);
  expect(await t.all('t')).toEqual(['{"id":9223372036854775807,"vector":[1,2],"metadata":{}}']);
  await t.lance.dropTable('t');
  await foreign(t, { key: new arrow.Utf8(), vector: vector() }, [{ key: 'a', vector: [1, 2] }]);
  expect((await t.database.describe(refOf('t'), newCall())).count).toBe(1);
  await expect(t.all('t')).rejects.toMatchObject({
    code: 'unsupported',
    details: { hint: expect.stringContaining("'id'") },
  });
});

test('a pinned scan refuses a table in which an id names two rows', async () => {
  const t = await openTemporary();
  const rows = Array.from({ length: 5000 }, (_, i) => ({ id: `r${i}`, vector: [i, 1] }));
  await foreign(t, { id: new arrow.Utf8(), vector: vector() }, rows);
  expect(await t.all('t', { pin: 'one' })).toHaveLength(5000);
  await (await t.lance.openTable('t')).add([{ id: 'r4321', vector: [0, 0] }]);
  await expect(t.all('t', { pin: 'two' })).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining('"r4321"'),
    details: { reason: 'duplicate_id', outcome: 'not_applied' },
  });
  expect(await t.database.pins!(newCall())).toEqual(['one']);
});
