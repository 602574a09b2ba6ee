import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { forgetStore } from '../../src/connectors/memory/store.ts';
import type { Connector, Database } from '../../src/core/connector.ts';
import { guard } from '../../src/core/guard.ts';
import { VdbError } from '../../src/model/errors.ts';
import type { Filter } from '../../src/model/filter/filter.ts';
import { type DenseColumn, type RecordBatch, WANT_ALL } from '../../src/model/record.ts';
import { parseRecords } from '../../src/model/recordLine.ts';
import { connectorWith, failure, newCall, rawError } from './fakeDatabase.ts';

const docs = { collection: 'docs', partition: '' };

afterEach(() => forgetStore('guard'));

async function opened(
  change: (database: Database) => Partial<Record<keyof Database, unknown>> = () => ({}),
  connector: Partial<Connector> = {},
): Promise<Database> {
  const made = connectorWith(change, connector);
  const database = guard(await made.connect({ path: 'guard' }, {}, newCall()), made, {
    endpoint: 'here',
    secrets: ['hunter2'],
  });
  await database.create(
    { name: 'docs', vectors: [{ name: '', kind: 'dense', dimension: 2, metric: 'cosine', element: 'f32' }] },
    newCall(),
  );
  return database;
}

function batchOf(...lines: string[]): RecordBatch {
  const { batches, faults } = parseRecords(lines, {});
  if (faults[0]) throw faults[0].error;
  return batches[0]!;
}

test('absent verbs stay absent', async () => {
  const database = await opened(() => ({ scan: undefined, update: undefined }));
  expect([database.scan, database.update, database.native, database.partitions]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(database.count).toBeDefined();
});

test.each([
  ['a wrong dimension', '{"id":"a","vector":[1,2,3]}', { code: 'invalid', details: { reason: 'dimension_mismatch' } }],
  ['an empty id', '{"id":"","vector":[1,2]}', { code: 'invalid', details: {} }],
  [
    'an id too long',
    `{"id":"${'x'.repeat(2001)}","vector":[1,2]}`,
    { code: 'invalid', details: { reason: 'too_large' } },
  ],
  ['an unknown vector', '{"id":"a","vectors":{"title":[1,2]}}', { code: 'invalid', details: {} }],
])('refuses %s before writing', async (_, line, refusal) => {
  let written = 0;
  const database = await opened(() => ({ upsert: async () => void written++ }));
  const batch = line.includes('"id":""') ? { ...batchOf(line.replace('""', '"a"')), ids: [''] } : batchOf(line);
  const error = await failure(database.upsert(docs, batch, {}, newCall()));
  expect(error).toMatchObject({ ...refusal, details: { ...refusal.details, outcome: 'not_applied' } });
  expect(written).toBe(0);
});

test('refuses NaN, infinities and integers out of range, naming the record', async () => {
  const database = await opened();
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, 1e39]) {
    const batch = batchOf('{"id":"a","vector":[1,2]}', '{"id":"b","vector":[1,2]}');
    (batch.vectors[0] as DenseColumn).values[3] = bad;
    const error = await failure(database.upsert(docs, batch, {}, newCall()));
    expect(error).toMatchObject({ code: 'invalid', details: { reason: 'not_finite' } });
    expect(error.message).toContain('"b"');
  }
  for (const id of [2n ** 64n, -(2n ** 63n) - 1n]) {
    const error = await failure(database.fetch(docs, [id], WANT_ALL, newCall()));
    expect(error).toMatchObject({ code: 'invalid', details: { reason: 'integer_range' } });
  }
});

test('what stands where a vector is absent may be anything', async () => {
  const database = await opened();
  const batch = batchOf('{"id":"a","vector":[1,2]}', '{"id":"b"}');
  const column = batch.vectors[0] as DenseColumn;
  column.values[2] = Number.NaN;
  await database.upsert(docs, batch, {}, newCall());
  expect((await database.fetch(docs, ['b'], WANT_ALL, newCall())).count).toBe(1);
});

test('keeps the last of an id given twice', async () => {
  const database = await opened();
  const one = batchOf('{"id":"a","vector":[1,0],"metadata":{"n":1}}', '{"id":"b","vector":[1,0],"metadata":{"n":2}}');
  await database.upsert(docs, { ...one, ids: ['a', 'a'] }, {}, newCall());
  const read = await database.fetch(docs, ['a'], WANT_ALL, newCall());
  expect(read.metadata).toEqual(['{"n":2}']);
});

test('a collection made anew with another dimension is noticed', async () => {
  const database = await opened();
  await database.upsert(docs, batchOf('{"id":"a","vector":[1,2]}'), {}, newCall());
  // Another program's doing, behind the guard.
  const raw = await connectorWith(() => ({})).connect({ path: 'guard' }, {}, newCall());
  await raw.drop(docs, newCall());
  await raw.create(
    { name: 'docs', vectors: [{ name: '', kind: 'dense', dimension: 3, metric: 'cosine', element: 'f32' }] },
    newCall(),
  );
  await database.upsert(docs, batchOf('{"id":"a","vector":[1,2,3]}'), {}, newCall());
});

test('refuses undeclared metrics, kinds, operators and too large a k', async () => {
  const database = await opened(({ capabilities }) => ({
    capabilities: { ...capabilities, filters: ['eq', 'and'], limits: { ...capabilities.limits, topK: 10 } },
  }));
  const spec = { name: '', kind: 'dense', dimension: 2, metric: 'cosine', element: 'f32' } as const;
  const create = (change: object) =>
    failure(database.create({ name: 'x', vectors: [{ ...spec, ...change }] }, newCall()));
  expect(await create({ metric: 'hamming' })).toMatchObject({ code: 'unsupported' });
  expect(await create({ kind: 'sparse' })).toMatchObject({ code: 'unsupported' });
  expect(await create({ element: 'f16' })).toMatchObject({ code: 'unsupported' });
  expect(await create({ dimension: 0 })).toMatchObject({ code: 'invalid' });
  expect(await create({ dimension: 100_000 })).toMatchObject({ code: 'invalid', details: { reason: 'too_large' } });

  const search = { vector: Float32Array.of(1, 2), using: '', k: 3, want: WANT_ALL };
  expect(await failure(database.search(docs, { ...search, k: 11 }, newCall()))).toMatchObject({ code: 'invalid' });
  expect(await failure(database.search(docs, { ...search, vector: Float32Array.of(1) }, newCall()))).toMatchObject({
    details: { reason: 'dimension_mismatch' },
  });
  expect(await failure(database.search(docs, { ...search, using: 'title' }, newCall()))).toMatchObject({
    code: 'invalid',
  });
  const filter: Filter = { op: 'not', arg: { op: 'eq', field: ['n'], value: 1n } };
  const refusal = { code: 'unsupported', details: { reason: 'filter' } };
  expect(await failure(database.search(docs, { ...search, filter }, newCall()))).toMatchObject(refusal);
  expect(await failure(database.count!(docs, { filter, exact: true }, newCall()))).toMatchObject(refusal);
  expect(await failure(database.removeWhere!(docs, filter, newCall()))).toMatchObject(refusal);
  expect(await failure(database.describe({ collection: 'docs', partition: 'p' }, newCall()))).toMatchObject({
    code: 'unsupported',
  });
});

test('vectors of bits have metrics and a limit of their own, and kinds that are only kept are not searched', async () => {
  const database = await opened(({ capabilities }) => ({
    capabilities: {
      ...capabilities,
      elements: ['f32', 'bit'],
      bits: { metrics: ['hamming'], dimension: 200_000 },
      vectorKinds: ['dense', 'multi'],
      unranked: ['multi'],
    },
    describe: async () => ({ vectors }),
    search: async () => 'searched',
  }));
  const bit = { name: '', kind: 'dense', dimension: 3, metric: 'hamming', element: 'bit' } as const;
  const multi = { name: 'parts', kind: 'multi', dimension: 2, metric: null, element: 'f32' } as const;
  const vectors = [bit, multi];
  const create = (change: object) =>
    failure(database.create({ name: 'x', vectors: [{ ...bit, ...change }] }, newCall()));
  expect(await create({ metric: 'cosine' })).toMatchObject({
    code: 'unsupported',
    message: 'this database has no metric cosine for vectors of bit',
    details: { hint: 'It has for vectors of bit: hamming.' },
  });
  expect(await create({ element: 'f32' })).toMatchObject({ code: 'unsupported' });
  expect(await create({ dimension: 200_001 })).toMatchObject({ code: 'invalid', details: { reason: 'too_large' } });

  const search = { vector: Float32Array.of(1, 0, 1), using: '', k: 3, want: WANT_ALL };
  expect(await database.search(docs, search, newCall())).toBe('searched');
  expect(await failure(database.search(docs, { ...search, metric: 'cosine' }, newCall()))).toMatchObject({
    code: 'unsupported',
  });
  expect(
    await failure(database.search(docs, { ...search, vector: Float32Array.of(1, 0.5, 1) }, newCall())),
  ).toMatchObject({ code: 'invalid', exit: 65 });
  expect(
    await failure(database.search(docs, { ...search, using: 'parts', vector: [Float32Array.of(1, 2)] }, newCall())),
  ).toMatchObject({ code: 'unsupported', details: { hint: expect.stringContaining('(unnamed)') } });
});

test('converts raw errors once, without secrets; a failed write is unknown, a failed read is not applied', async () => {
  const broken = async () => {
    throw rawError('ECONNRESET', 'password hunter2 was\nnot read');
  };
  const database = await opened(() => ({
    upsert: broken,
    fetch: broken,
    collections: async () => Promise.reject(new VdbError('denied', 'hunter2')),
  }));
  const write = await failure(database.upsert(docs, batchOf('{"id":"a","vector":[1,2]}'), {}, newCall()));
  expect(write).toMatchObject({
    code: 'unreachable',
    details: { reason: 'reset', outcome: 'unknown', cause: 'password [secret] was not read' },
  });
  expect(write.message).toBe("cannot write to 'docs' at here: the peer closed the connection");
  expect(`${write.stack}`).not.toContain('hunter2');
  const read = await failure(database.fetch(docs, ['a'], WANT_ALL, newCall()));
  expect(read.details.outcome).toBe('not_applied');
  expect((await failure(database.collections(newCall()))).message).toBe('[secret]');
});

test('rejects promptly when the signal aborts, even if the engine goes on', async () => {
  const database = await opened(() => ({
    ping: () => sleep(60_000, undefined, { ref: false }),
    upsert: () => sleep(60_000, undefined, { ref: false }),
    scan: async function* () {
      yield await sleep(60_000, undefined, { ref: false });
    },
  }));
  const aborted = () => newCall(AbortSignal.timeout(30));
  const started = performance.now();
  expect(await failure(database.ping(aborted()))).toMatchObject({
    code: 'timeout',
    details: { outcome: 'not_applied' },
  });
  const write = database.upsert(docs, batchOf('{"id":"a","vector":[1,2]}'), {}, aborted());
  expect(await failure(write)).toMatchObject({ code: 'timeout', details: { outcome: 'unknown' } });
  const request = { want: WANT_ALL, batchBytes: 1000, batchRecords: 10 };
  const scan = (async () => {
    for await (const _ of database.scan!(docs, request, aborted()));
  })();
  expect(await failure(scan)).toMatchObject({ code: 'timeout' });
  const controller = new AbortController();
  controller.abort(new VdbError('cancelled', 'the caller left'));
  expect(
    await failure(database.upsert(docs, batchOf('{"id":"a","vector":[1,2]}'), {}, newCall(controller.signal))),
  ).toMatchObject({
    code: 'cancelled',
    details: { outcome: 'not_applied' },
  });
  expect(performance.now() - started).toBeLessThan(2_000);
});

test("breaking out of a scan ends the engine's", async () => {
  let ended = false;
  const database = await opened(db => ({
    scan: async function* (...args: Parameters<NonNullable<Database['scan']>>) {
      try {
        yield* db.scan!(...args);
      } finally {
        ended = true;
      }
    },
  }));
  await database.upsert(docs, batchOf('{"id":"a","vector":[1,2]}', '{"id":"b","vector":[1,2]}'), {}, newCall());
  for await (const _ of database.scan!(docs, { want: WANT_ALL, batchBytes: 1, batchRecords: 1 }, newCall())) break;
  expect(ended).toBe(true);
});
