import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { CollectionRef, Database, ScanRequest } from '../../../src/core/connector.ts';
import type { CollectionSpec, VectorSpec } from '../../../src/model/collection.ts';
import { matcher } from '../../../src/model/filter/evaluate.ts';
import { parseFilter } from '../../../src/model/filter/parse.ts';
import { WANT_ALL } from '../../../src/model/record.ts';
import { parseRecords, recordLine } from '../../../src/model/recordLine.ts';
import { expectRecords } from '../../contract/sameRecords.ts';
import { refused } from '../../contract/suite.ts';
import { describeServer } from '../../servers/server.ts';
import { newCall, open } from './server.ts';

const REQUEST: ScanRequest = { want: WANT_ALL, batchBytes: 1 << 20, batchRecords: 100 };
const dense = (spec: Partial<VectorSpec> = {}): VectorSpec => {
  return { name: '', kind: 'dense', dimension: 2, metric: 'euclidean', element: 'f32', ...spec };
};

describeServer('weaviate', access => {
  let database: Database;
  const made: string[] = [];
  let names = 0;
  const create = async (spec: Partial<CollectionSpec> = {}): Promise<string> => {
    const name = `own${process.pid}n${names++}`;
    const info = await database.create({ name, vectors: [dense()], ...spec }, newCall());
    made.push(info.name);
    return info.name;
  };
  const refOf = (collection: string, partition = ''): CollectionRef => ({ collection, partition });
  const write = async (ref: CollectionRef, lines: string[]): Promise<void> => {
    const { vectors } = await database.describe(refOf(ref.collection), newCall());
    for (const batch of parseRecords(lines, { vectors }).batches)
      await database.upsert(ref, { ...batch, partition: ref.partition }, {}, newCall());
  };
  const read = async (ref: CollectionRef, request: Partial<ScanRequest> = {}): Promise<string[]> => {
    const lines: string[] = [];
    for await (const { batch } of database.scan!(ref, { ...REQUEST, ...request }, newCall()))
      for (let row = 0; row < batch.count; row++) lines.push(recordLine(batch, row, WANT_ALL));
    return lines;
  };

  beforeAll(async () => {
    database = await open(access);
  });
  afterEach(async () => {
    for (const name of made.splice(0)) await database.drop(refOf(name), newCall()).catch(() => undefined);
  });
  afterAll(() => database.close());

  test('tenants are partitions', async () => {
    const name = await create({ partitioned: true });
    const [a, b] = [refOf(name, 'a'), refOf(name, 'b-2')];
    await database.createPartition!(a, newCall());
    await database.createPartition!(b, newCall());
    await refused(database.createPartition!(a, newCall()), 'exists');
    await refused(database.createPartition!(refOf(name, 'not legal'), newCall()), 'invalid');
    const line = (id: string, n: number, partition: string) =>
      `{"id":"${id}","vector":[${n},0],"metadata":{"n":${n}},"partition":"${partition}"}`;
    await write(a, [line('one', 1, 'a'), line('two', 2, 'a')]);
    await write(b, [line('one', 3, 'b-2')]);
    expect(await database.partitions!(name, newCall())).toEqual([
      { name: 'a', count: 2 },
      { name: 'b-2', count: 1 },
    ]);
    // No partition means all of them …
    expectRecords(
      (await read(refOf(name))).filter(each => each.includes('"a"')),
      [line('one', 1, 'a'), line('two', 2, 'a')],
    );
    expect(await read(refOf(name))).toHaveLength(3);
    expect(await database.count!(refOf(name), { exact: true }, newCall())).toEqual({ count: 3, exact: true });
    expect(await database.describe(refOf(name), newCall())).toMatchObject({ count: 3, partition: null });
    expect(await database.describe(b, newCall())).toMatchObject({ count: 1, partition: 'b-2' });
    const filter = parseFilter('n >= 2');
    expect(await read(refOf(name), { filter })).toHaveLength(2);
    // … also behind a cursor.
    const pages: [string, unknown][] = [];
    for await (const { batch, cursor } of database.scan!(refOf(name), { ...REQUEST, batchRecords: 1 }, newCall()))
      pages.push([`${batch.partition} ${batch.ids[0]}`, cursor]);
    expect(new Set(pages.map(([place]) => place)).size).toBe(3);
    expect(await read(refOf(name), { after: pages[1]![1] as never })).toHaveLength(1);
    // Writes and ranked queries name one.
    const search = { vector: Float32Array.of(0, 0), using: '', k: 5, want: WANT_ALL };
    for (const work of [
      () => database.search(refOf(name), search, newCall()),
      () => write(refOf(name), [line('x', 1, '')]),
      () => database.remove(refOf(name), ['one'], newCall()),
      () => database.clear!(refOf(name), newCall()),
      () => database.removeWhere!(refOf(name), filter, newCall()),
    ]) {
      expect((await refused(work(), 'usage')).details.hint).toContain('a, b-2');
    }
    expect((await database.search(b, search, newCall())).batch.ids).toEqual(['one']);
    expect(await database.fetch(b, ['one', 'two'], WANT_ALL, newCall())).toMatchObject({ count: 1, partition: 'b-2' });
    expect(await database.removeWhere!(a, filter, newCall())).toBe(1);
    await refused(database.count!(refOf(name, 'c'), { exact: true }, newCall()), 'not_found');
    await refused(database.fetch(refOf(name, 'c'), ['x'], WANT_ALL, newCall()), 'not_found');
    // A write makes it, as it does where partitions are only names.
    await write(refOf(name, 'c'), [line('x', 1, 'c')]);
    expect(await read(refOf(name, 'c'))).toHaveLength(1);
    await refused(write(refOf(name, 'no good'), [line('x', 1, 'c')]), 'invalid');
    await database.dropPartition!(refOf(name, 'c'), newCall());
    await database.dropPartition!(b, newCall());
    await refused(database.dropPartition!(b, newCall()), 'not_found');
    expect(await database.partitions!(name, newCall())).toEqual([{ name: 'a', count: 1 }]);
  });

  test('a tenant that is not active is refused, and stays so', async () => {
    const name = await create({ partitioned: true });
    for (const tenant of ['on', 'off']) await database.createPartition!(refOf(name, tenant), newCall());
    const put = `PUT /v1/schema/${name}/tenants [{"name":"off","activityStatus":"INACTIVE"}]`;
    for await (const _ of database.native!(put, {}, newCall()));
    const off = refOf(name, 'off');
    for (const work of [
      () => read(off),
      () => read(refOf(name)),
      () => write(off, ['{"id":"x","vector":[1,2]}']),
      () => database.count!(off, { exact: true }, newCall()),
    ]) {
      expect((await refused(work(), 'unsupported')).details.hint).toContain('Activate');
    }
    expect(await database.partitions!(name, newCall())).toEqual([
      { name: 'off', count: null },
      { name: 'on', count: 0 },
    ]);
    expect(await database.describe(refOf(name), newCall())).toMatchObject({ count: null, countExact: false });
    await write(refOf(name, 'on'), ['{"id":"x","vector":[1,2]}']);
  });

  test('a partition of a collection without tenants is refused', async () => {
    const name = await create();
    await refused(read(refOf(name, 'a')), 'unsupported');
    await refused(database.createPartition!(refOf(name, 'a'), newCall()), 'unsupported');
    expect(await database.partitions!(name, newCall())).toEqual([]);
  });

  test('multi-vectors are kept row by row, and searched', async () => {
    const vectors = [
      dense({ name: 'rows', kind: 'multi', metric: 'dot' }),
      dense({ name: '', dimension: 3, metric: 'cosine' }),
    ];
    const name = await create({ vectors });
    const { vectors: described } = await database.describe(refOf(name), newCall());
    expect(described.map(each => [each.name, each.kind, each.dimension])).toEqual(
      expect.arrayContaining([
        ['rows', 'multi', 2],
        ['', 'dense', 3],
      ]),
    );
    const lines = [
      '{"id":"a","vectors":{"rows":[[1,-0.0],[0.1,0.2],[3,4]],"":[1,2,3]}}',
      '{"id":"b","vectors":{"rows":[[0,1]]}}',
      '{"id":"c","vectors":{"":[0,0,1]}}',
    ];
    await write(refOf(name), lines);
    expectRecords(await read(refOf(name)), lines);
    const search = { vector: [Float32Array.of(1, 0)], using: 'rows', k: 5, want: WANT_ALL };
    const { batch, scores } = await database.search(refOf(name), search, newCall());
    expect(batch.ids).toEqual(['a', 'b']);
    expect(scores[0]).toBeCloseTo(3);
    await refused(write(refOf(name), ['{"id":"d","vectors":{"rows":[]}}']), 'invalid');
  });

  test('filters reach over many records, and deletions over more than a call takes', async () => {
    const name = await create({ vectors: [] });
    const count = 12_000;
    for (let from = 0; from < count; from += 4000) {
      const lines = Array.from(
        { length: 4000 },
        (_, i) => `{"id":"r${from + i}","metadata":{"n":${from + i},"t":"${i % 2}"}}`,
      );
      await write(refOf(name), lines);
    }
    const ref = refOf(name);
    const filter = parseFilter('not t = "0"');
    const ids = new Set<unknown>();
    const cursors: unknown[] = [];
    for await (const { batch, cursor } of database.scan!(ref, { ...REQUEST, batchRecords: 999, filter }, newCall())) {
      for (const id of batch.ids) ids.add(id);
      cursors.push([ids.size, cursor]);
    }
    expect(ids.size).toBe(count / 2);
    const [seen, after] = cursors[3] as [number, never];
    expect(await read(ref, { filter, after })).toHaveLength(count / 2 - seen);
    expect(await read(ref, { filter, limit: 1500 })).toHaveLength(1500);
    const ranges = await database.ranges!(ref, 3, newCall());
    const parts = await Promise.all(ranges.map(range => read(ref, { filter, range })));
    expect(parts.flat()).toHaveLength(count / 2);
    expect(Math.min(...parts.map(part => part.length))).toBeGreaterThan(1000);
    expect(await database.removeWhere!(ref, parseFilter('not n < 1000'), newCall())).toBe(11_000);
    expect(await database.count!(ref, { filter, exact: true }, newCall())).toEqual({ count: 500, exact: true });
    expect(await database.clear!(ref, newCall())).toBe(1000);
  }, 60_000);

  test('several shards are one collection', async () => {
    const name = await create({ indexOptions: { shards: '3', efConstruction: '64', maxConnections: '8' } });
    const { index } = await database.describe(refOf(name), newCall());
    expect(index['']).toMatchObject({ type: 'hnsw', distance: 'l2-squared', efConstruction: 64, maxConnections: 8 });
    const lines = Array.from({ length: 300 }, (_, i) => `{"id":"r${i}","vector":[${i},1],"metadata":{"n":${i}}}`);
    await write(refOf(name), lines);
    expectRecords(await read(refOf(name), { batchRecords: 7 }), lines);
    expect(await read(refOf(name), { filter: parseFilter('n < 10') })).toHaveLength(10);
    expect(await database.count!(refOf(name), { exact: true }, newCall())).toEqual({ count: 300, exact: true });
    expect(await database.indexState!(refOf(name), newCall())).toEqual({ indexed: 300, total: 300 });
    expect(await database.removeWhere!(refOf(name), parseFilter('n >= 150'), newCall())).toBe(150);
  });

  test('what is not known of index options and names is refused with what is', async () => {
    expect((await refused(create({ indexOptions: { lists: '10' } }), 'usage')).details.hint).toContain(
      'efConstruction',
    );
    await refused(create({ indexOptions: { ef: 'many' } }), 'usage');
    expect((await refused(create({ name: 'my-docs v2' }), 'invalid')).details.hint).toContain('My_docs_v2');
  });

  test('bytes are a blob, and an empty list is one where the key has lists', async () => {
    const name = await create();
    const line = (id: string, metadata: string) => `{"id":"${id}","vector":[1,2],"metadata":${metadata}}`;
    const lines = [
      line('full', '{"raw":{"$bytes":"AAEC"},"s":["a"],"n":[1],"b":[true]}'),
      line('empty', '{"raw":{"$bytes":"//8="},"s":[],"n":[],"b":[]}'),
      line('aside', '{"raw":{"$bytes":"__8="},"none":[]}'),
      line('nothing', '{"raw":{"$bytes":""},"s":null}'),
      line('text', '{"raw":"AAEC"}'),
      line('absent', '{}'),
    ];
    await write(refOf(name), lines);
    expectRecords(await read(refOf(name)), lines);
    const { fields } = await database.describe(refOf(name), newCall());
    expect(fields).toContainEqual({ name: 'raw', type: 'bytes', indexed: false });
    expect(fields.map(each => each.name)).not.toContain('none');
    const stored = new Map<string, Record<string, unknown>>();
    for await (const row of database.native!(`GET /v1/objects?class=${name}`, {}, newCall())) {
      for (const { properties } of JSON.parse(row).objects) stored.set(properties._vdb_id, properties);
    }
    expect(stored.get('s:full')).toMatchObject({ raw: 'AAEC' });
    expect(stored.get('s:empty')).toMatchObject({ raw: '//8=', s: [], n: [], b: [] });
    for (const id of ['s:full', 's:empty']) expect(stored.get(id)!._vdb_x, id).toBeUndefined();
    expect(stored.get('s:aside')!._vdb_x).toBe('{"m":{"raw":{"$bytes":"__8="},"none":[]}}');
    expect(stored.get('s:text')!._vdb_x).toBe('{"m":{"raw":"AAEC"}}');
    // The engine says nothing on what a blob is that it does not know.
    const all = parseRecords(lines, {}).batches[0]!;
    for (const where of [
      'raw exists',
      'raw is null',
      'raw = "AAEC"',
      'raw != "AAEC"',
      'raw.`$bytes` = "AAEC"',
      'raw in ("AAEC", 1)',
      'raw has "AAEC"',
      'raw > 1',
      's exists',
      's is null',
      'none exists',
    ]) {
      const filter = parseFilter(where);
      const split = await database.split!(refOf(name), filter, newCall());
      expect([split.native, split.residual].filter(part => part !== null)).toEqual([filter]);
      if (['raw exists', 'raw is null', 'raw.`$bytes` = "AAEC"'].includes(where))
        expect(split.native, where).toBeNull();
      if (split.native === null) continue;
      const got = (await read(refOf(name), { filter })).map(each => JSON.parse(each).id);
      expect(got.sort(), where).toEqual(all.ids.filter((id, row) => matcher(filter)(id, all.metadata[row])).sort());
    }
    expect(await database.update!(refOf(name), ['full'], { set: { s: '[]' }, unset: ['n'] }, newCall())).toBe(1);
    const { batch } = await database.search(
      refOf(name),
      { vector: Float32Array.of(1, 2), using: '', k: 9, want: WANT_ALL },
      newCall(),
    );
    const full = batch.metadata[batch.ids.indexOf('full')]!;
    expect(JSON.parse(full)).toEqual({ ...JSON.parse(lines[0]!).metadata, s: [], n: undefined });
  });

  test('bytes that another program adds meanwhile are read, and what it adds beside them', async () => {
    const name = await create();
    await write(refOf(name), ['{"id":"a","metadata":{"n":1}}']);
    const other = await open(access);
    const lines = ['{"id":"a","metadata":{"n":1}}'];
    for (const line of [
      '{"id":"b","metadata":{"Some bytes":{"$bytes":"AAEC"}}}',
      '{"id":"c","metadata":{"t":"new"}}',
      '{"id":"d","metadata":{"more":{"$bytes":"//8="}}}',
    ]) {
      // The schema as it is before is what this link believes for a while.
      await database.fetch(refOf(name), ['a'], WANT_ALL, newCall());
      await other.upsert(refOf(name), parseRecords([line], {}).batches[0]!, {}, newCall());
      lines.push(line);
      expectRecords(await read(refOf(name)), lines);
    }
    await other.close();
  });

  test('pages aim for the bytes asked for, also of blobs', async () => {
    const name = await create({ vectors: [] });
    const bytes = Buffer.alloc(60_000, 7).toString('base64');
    const lines = Array.from({ length: 8 }, (_, i) => `{"id":"r${i}","metadata":{"raw":{"$bytes":"${bytes}"}}}`);
    await write(refOf(name), lines);
    const sizes: number[] = [];
    for await (const { batch } of database.scan!(refOf(name), { ...REQUEST, batchBytes: 200_000 }, newCall()))
      sizes.push(batch.bytes);
    expect(sizes.length).toBeGreaterThanOrEqual(3);
    expect(Math.max(...sizes)).toBeLessThan(400_000);
  });

  test('an id may not take the place of another that is kept as it', async () => {
    const name = await create();
    await write(refOf(name), ['{"id":"foo","vector":[1,2]}']);
    const [row] = await (async () => {
      const rows: string[] = [];
      for await (const each of database.native!(`{ Get { ${name} { _additional { id } } } }`, {}, newCall()))
        rows.push(each);
      return rows;
    })();
    const uuid = JSON.parse(row!)._additional.id;
    await refused(write(refOf(name), [`{"id":"${uuid}","vector":[1,2]}`]), 'invalid', 'duplicate_id');
    expect((await database.fetch(refOf(name), [uuid], WANT_ALL, newCall())).count).toBe(0);
    expect(await database.remove(refOf(name), [uuid], newCall())).toBe(0);
    expect(await read(refOf(name), { filter: parseFilter(`id = "${uuid}"`) })).toEqual([]);
    expect(await read(refOf(name))).toHaveLength(1);
    await refused(write(refOf(name), [`{"id":"${uuid}"}`, '{"id":"foo"}']), 'invalid', 'duplicate_id');
  });

  test('a reserved key is refused, and properties that another program adds meanwhile are read', async () => {
    const name = await create();
    await refused(write(refOf(name), ['{"id":"x","metadata":{"_vdb_x":1}}']), 'invalid', 'reserved_key');
    await write(refOf(name), ['{"id":"x","metadata":{"a":1}}']);
    expect((await database.describe(refOf(name), newCall())).fields).toEqual([
      { name: 'a', type: 'integer', indexed: true },
    ]);
    const other = await open(access);
    const batch = parseRecords(['{"id":"y","metadata":{"Fresh key":"v"}}'], {}).batches[0]!;
    await other.upsert(refOf(name), batch, {}, newCall());
    expectRecords(await read(refOf(name)), [
      '{"id":"x","metadata":{"a":1}}',
      '{"id":"y","metadata":{"Fresh key":"v"}}',
    ]);
    // A filter on a key that this link has not seen yet.
    const late = parseRecords(['{"id":"z","metadata":{"late":3}}'], {}).batches[0]!;
    await other.upsert(refOf(name), late, {}, newCall());
    expect(await read(refOf(name), { filter: parseFilter('late = 3') })).toHaveLength(1);
    // A class that is gone is not made anew by a write.
    const lost = await create();
    await write(refOf(lost), ['{"id":"x"}']);
    await other.drop(refOf(lost), newCall());
    await refused(database.upsert(refOf(lost), late, {}, newCall()), 'not_found');
    // Two writers of new keys at once.
    const rows = (n: number) => [0, 1, 2, 3].map(i => `{"id":"${n}-${i}","metadata":{"k${i}":${n},"own${n}":"${i}"}}`);
    const both = [database, other].map((one, n) =>
      one.upsert(refOf(name), parseRecords(rows(n), {}).batches[0]!, {}, newCall()),
    );
    await Promise.all(both);
    expectRecords(
      (await read(refOf(name))).filter(each => /^{"id":"\d/.test(each)),
      [...rows(0), ...rows(1)],
    );
    await other.close();
  });
});
