import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connector } from '../../../src/connectors/pgvector/connector.ts';
import type { Database } from '../../../src/core/connector.ts';
import { guard } from '../../../src/core/guard.ts';
import { type RecordBatch, WANT_ALL } from '../../../src/model/record.ts';
import { parseRecords, recordLine } from '../../../src/model/recordLine.ts';
import { newCall, openPglite, sql } from './database.ts';
import { withServer } from './server.ts';

/** Tables that others made with plain SQL, whose vectors are `bit` and `vector[]`. */
function cases(open: (schema: string) => Promise<{ database: Database; close(): Promise<void> }>): void {
  const schema = `kinds${process.pid}`;
  let database: Database;
  let close: () => Promise<void>;

  beforeAll(async () => {
    ({ database, close } = await open(schema));
    await run('create extension if not exists vector');
    await run(`create schema ${schema}`);
  }, 60_000);
  afterAll(async () => {
    await run(`drop schema if exists ${schema} cascade`);
    await close();
  });

  const ref = (collection: string) => ({ collection, partition: '' });
  const run = (statement: string) => sql(database, statement);
  const describeOf = (collection: string) => database.describe(ref(collection), newCall());
  const fetch = async (collection: string, ...ids: bigint[]) =>
    texts(await database.fetch(ref(collection), ids, WANT_ALL, newCall()));

  async function lines(collection: string): Promise<string[]> {
    const found: string[] = [];
    const request = { want: WANT_ALL, batchBytes: 1 << 20, batchRecords: 2 };
    for await (const { batch } of database.scan!(ref(collection), request, newCall())) found.push(...texts(batch));
    return found;
  }

  async function upsert(collection: string, ...given: string[]): Promise<void> {
    const { vectors } = await describeOf(collection);
    const { batches, faults } = parseRecords(given, { vectors });
    if (faults[0]) throw faults[0].error;
    await database.upsert(ref(collection), batches[0]!, {}, newCall());
  }

  test('bits and arrays of vectors stand beside a dense vector, and come back as they were given', async () => {
    await run(`create table ${schema}.papers (id int primary key, embedding vector(2), print bit(12), parts vector(3)[],
      flag bit, mask bit varying(4))`);
    await run(`insert into ${schema}.papers values
      (1, '[1,2]', B'100000000011', array['[0.5,-0,1e-45]', '[1,2,3]']::vector[], B'1', B'101'),
      (2, '[3,4]', B'000000000000', '{}', B'0', null),
      (3, null, null, null, null, null)`);
    expect((await describeOf('papers')).vectors).toEqual([
      { name: 'embedding', kind: 'dense', dimension: 2, metric: null, element: 'f32' },
      { name: 'print', kind: 'dense', dimension: 12, metric: null, element: 'bit' },
      { name: 'parts', kind: 'multi', dimension: 3, metric: null, element: 'f32' },
    ]);
    const one =
      '{"id":1,"vectors":{"embedding":[1,2],"print":[1,0,0,0,0,0,0,0,0,0,1,1],"parts":[[0.5,-0,1e-45],[1,2,3]]},"metadata":{"flag":"1","mask":"101"}}';
    const two =
      '{"id":2,"vectors":{"embedding":[3,4],"print":[0,0,0,0,0,0,0,0,0,0,0,0],"parts":[]},"metadata":{"flag":"0"}}';
    expect((await lines('papers')).map(sorted)).toEqual([one, two, '{"id":3,"metadata":{}}'].map(sorted));

    await upsert('papers', one.replace('"id":1', '"id":4'), two.replace('"id":2', '"id":5'), '{"id":6}');
    expect((await fetch('papers', 4n, 5n, 6n)).map(sorted)).toEqual(
      [one.replace('"id":1', '"id":4'), two.replace('"id":2', '"id":5'), '{"id":6,"metadata":{}}'].map(sorted),
    );
    const same = `a.print = b.print and a.parts = b.parts and a.parts::text = b.parts::text as same`;
    const pairs = `${schema}.papers a join ${schema}.papers b on b.id = a.id + 3 where a.id < 3`;
    expect(await run(`select ${same} from ${pairs}`)).toEqual([{ same: true }, { same: true }]);
  });

  test('bits are ranked beside other vectors, arrays are not', async () => {
    const want = { ...WANT_ALL, vectors: false };
    const bits = Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0);
    const { batch, scores, rawScores } = await database.search(
      ref('papers'),
      { vector: bits, using: 'print', k: 2, want },
      newCall(),
    );
    expect([batch.ids.length, [...scores], [...rawScores]]).toEqual([2, [-1, -1], [1, 1]]);
    for (const vector of [[Float32Array.of(1, 2, 3)], Float32Array.of(1, 2, 3)]) {
      const search = database.search(ref('papers'), { vector, using: 'parts', k: 2, want }, newCall());
      await expect(search).rejects.toMatchObject({
        code: 'unsupported',
        details: { outcome: 'not_applied', hint: expect.stringContaining('(embedding, print)') },
      });
    }
    const cosine = database.search(
      ref('papers'),
      { vector: bits, using: 'print', metric: 'cosine', k: 2, want },
      newCall(),
    );
    await expect(cosine).rejects.toMatchObject({ code: 'unsupported', message: expect.stringContaining('bit') });
  });

  test('a table whose only vector is of bits is a collection, and its index says the metric', async () => {
    await run(`create table ${schema}.prints (id bigserial primary key, print bit(64) not null, name text)`);
    await run(`insert into ${schema}.prints (print, name) select (i::bit(32) || (i * 7)::bit(32)), 'n' || i
      from generate_series(1, 500) i`);
    expect((await database.collections(newCall())).map(({ name }) => name)).toContain('prints');
    expect((await describeOf('prints')).vectors).toEqual([
      { name: '', kind: 'dense', dimension: 64, metric: null, element: 'bit' },
    ]);
    await run(`create index on ${schema}.prints using hnsw (print bit_jaccard_ops)`);
    const info = await describeOf('prints');
    expect(info.vectors[0]!.metric).toBe('jaccard');
    expect(Object.values(info.index)).toMatchObject([{ vector: '', type: 'hnsw', metric: 'jaccard', valid: true }]);
    const [line] = await fetch('prints', 321n);
    const { vector } = JSON.parse(line!);
    expect(vector.join('')).toBe((321).toString(2).padStart(32, '0') + (321 * 7).toString(2).padStart(32, '0'));
    const request = { vector: Float32Array.from(vector), using: '', k: 500, want: WANT_ALL };
    const { batch, scores } = await database.search(ref('prints'), request, newCall());
    expect([batch.ids[0], scores[0], batch.count]).toEqual([321n, -0, 500]);
    expect([...scores]).toEqual([...scores].sort((a, b) => b - a));
    await expect(upsert('prints', '{"id":1,"vector":[1,0]}')).rejects.toMatchObject({
      code: 'invalid',
      details: { reason: 'dimension_mismatch' },
    });
    await expect(upsert('prints', `{"id":1,"vector":[${'2'.repeat(64).split('').join()}]}`)).rejects.toMatchObject({
      code: 'invalid',
      exit: 65,
    });
  });

  test('arrays that are no rows of one width are refused by name', async () => {
    await run(`create table ${schema}.loose (id int primary key, parts vector[])`);
    for (const [value, what] of [
      [`array['[1]', null]::vector[]`, 'NULL'],
      [`array[null]::vector[]`, 'NULL'],
      [`array['[1]', '[1,2]']::vector[]`, 'different dimensions'],
      [`array[array['[1]'], array['[2]']]::vector[]`, 'arrays of arrays'],
    ]) {
      await run(`insert into ${schema}.loose values (1, ${value})`);
      await expect(lines('loose')).rejects.toMatchObject({
        code: 'unsupported',
        message: expect.stringMatching(new RegExp(`parts holds.*${what}`)),
      });
      await run(`delete from ${schema}.loose`);
    }
    await run(`insert into ${schema}.loose values (1, '{}'), (2, null)`);
    expect(await lines('loose')).toEqual(['{"id":1,"vector":[],"metadata":{}}', '{"id":2,"metadata":{}}']);
    await upsert('loose', '{"id":3,"vector":[[1,2],[3,4]]}', '{"id":4,"vector":[]}');
    expect(await fetch('loose', 4n, 3n)).toEqual([
      '{"id":4,"vector":[],"metadata":{}}',
      '{"id":3,"vector":[[1,2],[3,4]],"metadata":{}}',
    ]);
  });

  test('an own table gets indexes on its bits and none on its arrays', async () => {
    const bits = { name: '', kind: 'dense', dimension: 16, metric: 'hamming', element: 'bit' } as const;
    const multi = { name: 'parts', kind: 'multi', dimension: 2, metric: 'dot', element: 'f32' } as const;
    const info = await database.create(
      { name: 'own', vectors: [bits, multi], indexOptions: { type: 'hnsw', m: '8' } },
      newCall(),
    );
    expect(info.vectors).toEqual([bits, multi]);
    expect(Object.values(info.index)).toMatchObject([{ vector: '', metric: 'hamming', options: { m: '8' } }]);
    await expect(
      database.create({ name: 'none', vectors: [multi], indexOptions: { type: 'hnsw' } }, newCall()),
    ).rejects.toMatchObject({ code: 'unsupported' });
    // One bit is a vector here, because it was asked for as one.
    const single = await database.create({ name: 'single', vectors: [{ ...bits, dimension: 1 }] }, newCall());
    expect(single.vectors).toEqual([{ ...bits, dimension: 1 }]);
  });
}

function texts(batch: RecordBatch): string[] {
  return batch.ids.map((_, row) => recordLine(batch, row, WANT_ALL));
}

/** With the keys of its metadata in one order. */
function sorted(line: string): string {
  return line.replace(/(?<="metadata":)\{.*?\}/, text => {
    const entries = Object.entries(JSON.parse(text)).sort(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify(Object.fromEntries(entries));
  });
}

describe('PGlite', () => cases(schema => openPglite({ schema })));

withServer(({ options, secrets }) => {
  describe('a server', () =>
    cases(async schema => {
      const database = guard(await connector.connect({ ...options, schema }, secrets, newCall()), connector);
      return { database, close: () => database.close() };
    }));
});
