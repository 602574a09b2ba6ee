import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connector } from '../../../src/connectors/pgvector/connector.ts';
import type { Database } from '../../../src/core/connector.ts';
import { guard } from '../../../src/core/guard.ts';
import type { CollectionSpec } from '../../../src/model/collection.ts';
import { parseFilter } from '../../../src/model/filter/parse.ts';
import { WANT_ALL } from '../../../src/model/record.ts';
import { parseRecords } from '../../../src/model/recordLine.ts';
import { linesOf } from '../../contract/directSubject.ts';
import { expectRecords } from '../../contract/sameRecords.ts';
import { newCall } from './database.ts';
import { withServer } from './server.ts';

/* A table made by vdb as users of plain `pg` see it, and what they write into it as vdb sees it. */

const SCHEMA = `interop${process.pid}`;
const TABLE = `${SCHEMA}.docs`;
const REF = { collection: 'docs', partition: '' };
const SPEC: CollectionSpec = {
  name: 'docs',
  vectors: [
    { name: '', kind: 'dense', dimension: 3, metric: 'cosine', element: 'f32' },
    { name: 'short', kind: 'dense', dimension: 2, metric: 'euclidean', element: 'f16' },
  ],
};
const RECORDS = [
  '{"id":"one","vectors":{"":[1,0.1,-0.0],"short":[0.5,-2]},"metadata":{"k":"v","n":7,"big":9007199254740993,"price":2.50,"tags":["a","b"],"deep":{"x":null}},"document":"Grüße"}',
  '{"id":"two","vectors":{"":[0,1,0]},"metadata":{"k":"w","n":8,"flag":true}}',
];

withServer(({ options, secrets, password }) => {
  let database: Database;
  let client: pg.Client;

  beforeAll(async () => {
    const url = new URL(String(options.url));
    url.password = encodeURIComponent(password);
    client = new pg.Client(url.href);
    await client.connect();
    await client.query(`create schema ${SCHEMA}`);
    database = guard(await connector.connect({ ...options, schema: SCHEMA }, secrets, newCall()), connector);
    await database.create(SPEC, newCall());
    await write(RECORDS);
  });
  afterAll(async () => {
    await database?.close();
    await client.query(`drop schema if exists ${SCHEMA} cascade`);
    await client.end();
  });

  async function write(lines: string[]): Promise<void> {
    const { batches, faults } = parseRecords(lines, SPEC);
    expect(faults).toEqual([]);
    for (const batch of batches) await database.upsert(REF, batch, {}, newCall());
  }

  async function scanned(where?: string): Promise<string[]> {
    const filter = where === undefined ? {} : { filter: parseFilter(where) };
    const request = { want: WANT_ALL, batchBytes: 1 << 20, batchRecords: 100, ...filter };
    const lines: string[] = [];
    for await (const { batch } of database.scan!(REF, request, newCall())) lines.push(...linesOf(batch, WANT_ALL));
    return lines;
  }

  test('the columns are what users of pgvector expect, with nothing of ours in the metadata', async () => {
    const { rows } = await client.query(
      `select attname, format_type(atttypid, atttypmod) as type from pg_attribute
       where attrelid = '${TABLE}'::regclass and attnum > 0 order by attnum`,
    );
    expect(rows.map(({ attname, type }) => `${attname} ${type}`)).toEqual([
      'id text',
      'embedding vector(3)',
      'short halfvec(2)',
      'document text',
      'metadata jsonb',
    ]);
    expect((await client.query(`select id, document, metadata from ${TABLE} order by id`)).rows).toEqual([
      {
        id: 'one',
        document: 'Grüße',
        // `pg` parses jsonb with JSON.parse, which rounds.
        metadata: { k: 'v', n: 7, big: 2 ** 53, price: 2.5, tags: ['a', 'b'], deep: { x: null } },
      },
      { id: 'two', document: null, metadata: { k: 'w', n: 8, flag: true } },
    ]);
  });

  test('metadata is filtered in SQL', async () => {
    const ids = async (where: string) =>
      (await client.query(`select id from ${TABLE} where ${where} order by id`)).rows.map(({ id }) => id);
    expect(await ids(`metadata->>'k' = 'v'`)).toEqual(['one']);
    expect(await ids(`(metadata->>'n')::int > 7`)).toEqual(['two']);
    expect(await ids(`metadata->>'big' = '9007199254740993'`)).toEqual(['one']);
    expect(await ids(`metadata @> '{"tags":["b"]}'`)).toEqual(['one']);
    expect(await ids(`document is null`)).toEqual(['two']);
  });

  test('vectors read as text, as binary and by distance', async () => {
    const { rows } = await client.query(`select embedding::text, short::text from ${TABLE} order by id`);
    expect(rows).toEqual([
      { embedding: '[1,0.1,-0]', short: '[0.5,-2]' },
      { embedding: '[0,1,0]', short: null },
    ]);
    const binary = await client.query(`select vector_send(embedding) as bytes from ${TABLE} where id = 'one'`);
    const { bytes } = binary.rows[0] as { bytes: Buffer };
    // Dimension and an unused field, 16 bits each, then big-endian float32.
    expect(bytes.readInt16BE(0)).toBe(3);
    expect([4, 8, 12].map(at => bytes.readFloatBE(at))).toEqual([1, Math.fround(0.1), -0]);
    const nearest = await client.query(`select id from ${TABLE} order by embedding <=> '[0,2,0]' limit 1`);
    expect(nearest.rows).toEqual([{ id: 'two' }]);
  });

  test('rows inserted with plain SQL are records', async () => {
    await client.query(
      `insert into ${TABLE} (id, embedding, short, document, metadata) values ($1, $2, $3, $4, $5), ('bare', null, null, null, null)`,
      ['three', '[0.25,0,1]', '[1,1]', 'by hand', { k: 'v', n: 9, nested: [1, { a: true }] }],
    );
    const three =
      '{"id":"three","vectors":{"":[0.25,0,1],"short":[1,1]},"metadata":{"k":"v","n":9,"nested":[1,{"a":true}]},"document":"by hand"}';
    expectRecords(await scanned(), [...RECORDS, three, '{"id":"bare"}'], SPEC.vectors);
    expectRecords(await scanned(`k = "v" and n > 7`), [three], SPEC.vectors);
    const vector = Float32Array.of(0.25, 0, 1);
    const { batch } = await database.search(REF, { vector, using: '', k: 1, want: WANT_ALL }, newCall());
    expect(batch.ids).toEqual(['three']);
    await client.query(`update ${TABLE} set metadata = metadata || '{"n": 10}', document = null where id = 'three'`);
    expectRecords(
      await scanned('n = 10'),
      [three.replace('"n":9', '"n":10').replace(',"document":"by hand"', '')],
      SPEC.vectors,
    );
    expect(await database.remove(REF, ['three', 'bare'], newCall())).toBe(2);
    expect((await client.query(`select count(*)::int as n from ${TABLE}`)).rows).toEqual([{ n: 2 }]);
  });
});
