import { afterEach, beforeEach, expect, test } from 'vitest';
import { connector as memory } from '../../../src/connectors/memory/connector.ts';
import type { Database } from '../../../src/core/connector.ts';
import { splitFilter } from '../../../src/core/splitFilter.ts';
import { VdbError } from '../../../src/model/errors.ts';
import type { Filter, FilterOperator } from '../../../src/model/filter/filter.ts';
import { connectorWith, failure, newCall, rawError } from '../../core/fakeDatabase.ts';
import { Handled } from './handled.ts';

let vdb: Handled;
let refused: (batch: { ids: unknown[] }) => void;

const FEW: FilterOperator[] = ['and', 'eq', 'gt', 'lt'];

/** Evaluates a few operators, has only the verbs that every database has besides scan, and refuses what a test wants. */
const poor = connectorWith((database: Database) => ({
  capabilities: {
    ...database.capabilities,
    filters: FEW,
    limits: { ...database.capabilities.limits, batchRecords: 100 },
  },
  removeWhere: undefined,
  clear: undefined,
  count: undefined,
  update: undefined,
  split: (ref: never, filter: Filter) =>
    splitFilter(
      { ...database, capabilities: { ...database.capabilities, filters: FEW }, split: undefined },
      ref,
      filter,
      newCall(),
    ),
  upsert: async (...args: Parameters<Database['upsert']>) => {
    refused(args[1]);
    return database.upsert(...args);
  },
}));

beforeEach(async () => {
  refused = () => undefined;
  vdb = new Handled({ memory, poor });
  for (const [name, provider] of [
    ['rich', 'memory'],
    ['poor', 'poor'],
  ] as const) {
    await vdb.profile(name, provider);
    await vdb.call('collection.create', {
      target: { connection: name },
      spec: { name: 'docs', vectors: [{ name: '', kind: 'dense', dimension: 2, metric: 'cosine', element: 'f32' }] },
      dryRun: false,
    });
  }
});

afterEach(() => vdb.close());

const at = (connection: string) => ({ connection, collection: 'docs' });
const line = (i: number) =>
  `{"id":"r${String(i).padStart(4, '0')}","vector":[1,${i}],"metadata":{"n":${i},"t":"${i % 2 ? 'odd' : 'even'}"},"document":"d${i}"}`;
const lines = (count: number) => Array.from({ length: count }, (_, i) => line(i));
const ALL = ['vectors', 'metadata', 'document'] as const;

function upsert(connection: string, given: string[], more: object = {}) {
  return vdb.call('record.upsert', {
    target: at(connection),
    lines: given,
    firstLine: 1,
    maxErrors: 0,
    dryRun: false,
    ...more,
  });
}

async function count(connection: string, where?: string): Promise<number> {
  return (
    await vdb.call('record.count', { target: at(connection), exact: true, ...(where !== undefined && { where }) })
  ).count;
}

test('what is written is read back, line by line', async () => {
  expect(await upsert('poor', lines(250))).toMatchObject({
    connection: 'poor',
    collection: 'docs',
    upserted: 250,
    rejected: 0,
    errors: [],
  });
  expect(await vdb.call('record.scan', { target: at('poor'), with: [...ALL] })).toEqual({ count: 250, cursor: null });
  expect(vdb.items).toEqual(lines(250));
  await upsert('rich', vdb.items as string[]);
  expect(await count('rich')).toBe(250);
});

test('of an id given twice the last counts, in one batch and over batches', async () => {
  const twice = [...lines(3), line(1).replace('"d1"', '"later"')];
  expect(await upsert('rich', twice, { batchSize: 2 })).toMatchObject({ upserted: 4 });
  await vdb.call('record.get', { target: at('rich'), ids: ['r0001'], with: ['document'] });
  expect(vdb.records).toEqual([{ id: 'r0001', document: 'later' }]);
  expect(await upsert('rich', twice)).toMatchObject({ upserted: 4 });
  expect(await count('rich')).toBe(3);
});

test('the first bad line stops: what stands before it is written, nothing behind it', async () => {
  const given = [...lines(5), '{"id":"x","vector":[1,2,3]}', ...lines(9).slice(5)];
  const error = await failure(upsert('rich', given, { firstLine: 101 }));
  expect(error).toMatchObject({
    code: 'invalid',
    exit: 65,
    details: { reason: 'dimension_mismatch', outcome: 'partially_applied', data: { line: 106, upserted: 5 } },
  });
  expect(error.message).toMatch(/^line 106: /);
  expect(await count('rich')).toBe(5);
  const first = await failure(upsert('rich', ['{"id":', ...lines(1)]));
  expect(first).toMatchObject({
    details: { reason: 'syntax', outcome: 'not_applied', data: { line: 1, upserted: 0 } },
  });
});

test('so many bad lines as allowed are passed over', async () => {
  const given = ['nonsense', ...lines(5), '{"vector":[1,2]}'];
  expect(await upsert('rich', given, { maxErrors: 2 })).toMatchObject({
    upserted: 5,
    rejected: 2,
    errors: [
      { line: 1, code: 'invalid' },
      { line: 7, code: 'invalid' },
    ],
  });
  expect(await failure(upsert('rich', given, { maxErrors: 1 }))).toMatchObject({
    details: { data: { line: 7, upserted: 5 } },
  });
});

test('a record that only the database refuses is found by halves', async () => {
  refused = ({ ids }) => {
    if (ids.includes('r0037') || ids.includes('r0041')) throw new VdbError('invalid', 'I do not like it');
  };
  expect(await failure(upsert('poor', lines(60)))).toMatchObject({
    code: 'invalid',
    message: 'line 38: I do not like it',
    details: { outcome: 'partially_applied', data: { line: 38, upserted: 37 } },
  });
  expect(await count('poor')).toBe(37);
  expect(await upsert('poor', lines(60), { maxErrors: 5 })).toMatchObject({
    upserted: 58,
    rejected: 2,
    errors: [{ line: 38 }, { line: 42 }],
  });
});

test('a call that breaks off says what was written', async () => {
  let batches = 0;
  refused = () => {
    if (++batches > 2) throw rawError('EOTHER');
  };
  expect(await failure(upsert('poor', lines(300)))).toMatchObject({
    code: 'internal',
    details: { outcome: 'partially_applied', data: { upserted: 200 }, connection: 'poor' },
  });
});

test('a dry run checks and writes nothing', async () => {
  expect(await upsert('rich', lines(3), { dryRun: true })).toMatchObject({ upserted: 3 });
  expect(await failure(upsert('rich', [line(1), '{"id":"","vector":[1,2]}'], { dryRun: true }))).toMatchObject({
    code: 'invalid',
    details: { outcome: 'not_applied', data: { line: 2 } },
  });
  expect(await count('rich')).toBe(0);
});

test('a collection that is not there is not made', async () => {
  const work = vdb.call('record.upsert', {
    target: { connection: 'rich', collection: 'nosuch' },
    lines: lines(1),
    firstLine: 1,
    maxErrors: 0,
    dryRun: false,
  });
  expect(await failure(work)).toMatchObject({ code: 'not_found', details: { outcome: 'not_applied' } });
});

test('a scan is cut by limit and goes on at its cursor, also where the rest of the filter is evaluated here', async () => {
  await upsert('poor', lines(100));
  await upsert('rich', lines(100));
  for (const connection of ['rich', 'poor']) {
    for (const where of [undefined, 't = "odd"', 't ~ "dd" and n > 10']) {
      const all = lines(100).filter((_, i) => where === undefined || (i % 2 === 1 && (!where.includes('n') || i > 10)));
      const params = { target: at(connection), with: [...ALL], limit: 7, ...(where !== undefined && { where }) };
      const read: unknown[] = [];
      let cursor: string | null = null;
      do {
        const result: { count: number; cursor: string | null } = await vdb.call('record.scan', {
          ...params,
          ...(cursor !== null && { cursor }),
        });
        expect(result.count).toBeLessThanOrEqual(7);
        read.push(...vdb.items);
        ({ cursor } = result);
      } while (cursor !== null);
      expect(read).toEqual(all);
    }
  }
});

test('a scan brings only what is asked for, though the filter needs more', async () => {
  await upsert('poor', lines(3));
  await vdb.call('record.scan', { target: at('poor'), where: 't ~ "odd"', with: ['document'] });
  expect(vdb.records).toEqual([{ id: 'r0001', document: 'd1' }]);
});

test('a cursor of another scan is refused', async () => {
  await upsert('rich', lines(10));
  const { cursor } = await vdb.call('record.scan', { target: at('rich'), limit: 2, with: [] });
  const scan = (change: object) =>
    vdb.call('record.scan', { target: at('rich'), with: [], cursor: cursor!, ...change });
  expect(await failure(scan({ where: 'n > 1' }))).toMatchObject({ code: 'invalid' });
  expect(await failure(scan({ cursor: 'xyz' }))).toMatchObject({ code: 'invalid' });
  expect(await scan({})).toMatchObject({ count: 8 });
});

test('get brings records in the order asked for, and lists what is missing', async () => {
  await upsert('rich', [
    '{"id":"b"}',
    '{"id":"a"}',
    '{"id":7}',
    '{"id":"8"}',
    '{"id":8}',
    '{"id":18446744073709551615}',
  ]);
  const get = (ids: string[], idType?: 'string' | 'int' | 'uuid') =>
    vdb.call('record.get', { target: at('rich'), ids, with: [], ...(idType && { idType }) });
  expect(await get(['a', 'nosuch', 'b', 'a', '7', '8', '9'])).toEqual({ found: 4, missing: ['nosuch', '9'] });
  expect(vdb.items).toEqual(['{"id":"a"}', '{"id":"b"}', '{"id":7}', '{"id":"8"}']);
  await get(['8', '18446744073709551615'], 'int');
  expect(vdb.items).toEqual(['{"id":8}', '{"id":18446744073709551615}']);
  expect(await get(['7'], 'string')).toEqual({ found: 0, missing: ['7'] });
  expect(await failure(get(['x'], 'int'))).toMatchObject({ code: 'usage' });
  expect(await failure(get([]))).toMatchObject({ code: 'usage' });
});

test('counts by the database, or by reading when told to', async () => {
  await upsert('poor', lines(20));
  expect(await count('poor')).toBe(20);
  expect(await count('poor', 't = "odd"')).toBe(10);
  expect(await count('poor', 't ~ "odd"')).toBe(10);
  expect(
    await failure(vdb.call('record.count', { target: at('poor'), where: 't ~ "odd"', exact: false })),
  ).toMatchObject({
    code: 'unsupported',
    details: { reason: 'filter', hint: expect.stringContaining('--exact') },
  });
  expect(await failure(vdb.call('record.count', { target: at('poor'), where: ' ', exact: true }))).toMatchObject({
    code: 'usage',
  });
});

test('query by vector and by id; the record itself is left out', async () => {
  await upsert('rich', lines(10));
  const query = (params: object) =>
    vdb.call('record.query', { target: at('rich'), k: 3, with: ['metadata'], ...params });
  expect(await query({ vector: [1, 0] })).toMatchObject({ connection: 'rich', collection: 'docs', count: 3 });
  expect(vdb.records).toMatchObject([
    { id: 'r0000', score: 1, rawScore: 0, metadata: { n: 0 } },
    { id: 'r0001' },
    { id: 'r0002' },
  ]);
  await query({ id: 'r0000' });
  expect(vdb.records.map(({ id }) => id)).toEqual(['r0001', 'r0002', 'r0003']);
  await query({ vector: [1, 0], minScore: 0.5 });
  expect(vdb.records.map(({ id }) => id)).toEqual(['r0000', 'r0001']);
  await query({ vector: [1, 0], where: 'n > 4' });
  expect(vdb.records[0]!.id).toBe('r0005');
  expect(await failure(query({}))).toMatchObject({ code: 'usage' });
  expect(await failure(query({ id: 'nosuch' }))).toMatchObject({ code: 'not_found' });
  expect(await failure(query({ vector: [1, 2, 3] }))).toMatchObject({
    code: 'invalid',
    details: { reason: 'dimension_mismatch' },
  });
  expect(await failure(query({ vector: [1, 1e39] }))).toMatchObject({
    code: 'invalid',
    details: { reason: 'not_finite' },
  });
  expect(await failure(query({ vector: [1, 2], using: 'title' }))).toMatchObject({ code: 'invalid' });
});

test('a ranked query refuses a filter that it cannot have evaluated', async () => {
  await upsert('poor', lines(10));
  const error = await failure(
    vdb.call('record.query', { target: at('poor'), vector: [1, 0], k: 3, with: [], where: 't ~ "odd" and n > 3' }),
  );
  expect(error).toMatchObject({ code: 'unsupported', exit: 67, details: { reason: 'filter', outcome: 'not_applied' } });
  expect(error.message).toMatch(/contains.* 't'/);
  expect(error.details.hint).toContain('vdb scan');
});

test.each(['rich', 'poor'])('deletes by id, by filter and all (%s)', async connection => {
  await upsert(connection, [...lines(20), '{"id":7}', '{"id":"9"}']);
  const remove = (params: object) => vdb.call('record.delete', { target: at(connection), dryRun: false, ...params });
  const endpoint = `memory:${vdb.directory}/${connection}`;
  expect(await remove({ ids: ['r0000', '7', 'nosuch'], dryRun: true })).toMatchObject({
    matched: 2,
    deleted: 0,
    connection,
    endpoint,
  });
  expect(await count(connection)).toBe(22);
  expect(await remove({ ids: ['r0000', '7', '9', 'nosuch', 'r0000'] })).toMatchObject({ matched: null, deleted: 3 });
  expect(await remove({ where: 'n > 14', dryRun: true })).toMatchObject({ matched: 5, deleted: 0 });
  expect(await remove({ where: 'n > 14' })).toMatchObject({ deleted: 5 });
  expect(await remove({ where: 't ~ "odd"' })).toMatchObject({ deleted: 7 });
  expect(await count(connection)).toBe(7);
  expect(await failure(remove({ where: ' ' }))).toMatchObject({ code: 'usage' });
  expect(await failure(remove({}))).toMatchObject({ code: 'usage' });
  expect(await failure(remove({ ids: ['a'], all: true }))).toMatchObject({ code: 'usage' });
  expect(await remove({ all: true, dryRun: true })).toMatchObject({ matched: 7, deleted: 0 });
  expect(await remove({ all: true })).toMatchObject({ deleted: 7 });
  expect(await count(connection)).toBe(0);
});
