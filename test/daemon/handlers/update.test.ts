import { afterEach, beforeEach, expect, test } from 'vitest';
import { connector as memory } from '../../../src/connectors/memory/connector.ts';
import type { Database } from '../../../src/core/connector.ts';
import { splitFilter } from '../../../src/core/splitFilter.ts';
import { VdbError } from '../../../src/model/errors.ts';
import type { Filter, FilterOperator } from '../../../src/model/filter/filter.ts';
import type { UpdateParams } from '../../../src/protocol/methods/record.ts';
import { connectorWith, failure, newCall } from '../../core/fakeDatabase.ts';
import { Handled } from './handled.ts';

let vdb: Handled;
let updates: number;
let fault: () => void;

const FEW: FilterOperator[] = ['and', 'eq'];

/** Evaluates little itself, so that the rest of a filter is vdb's. */
const weak = connectorWith((database: Database) => ({
  split: (ref: never, filter: Filter) =>
    splitFilter(
      { ...database, capabilities: { ...database.capabilities, filters: FEW }, split: undefined },
      ref,
      filter,
      newCall(),
    ),
  update: async (...args: Parameters<NonNullable<Database['update']>>) => {
    updates++;
    fault();
    return database.update!(...args);
  },
}));
const without = connectorWith(() => ({ update: undefined }));

beforeEach(async () => {
  updates = 0;
  fault = () => undefined;
  vdb = new Handled({ memory, weak, without });
  for (const provider of ['memory', 'weak', 'without']) {
    await vdb.profile(provider, provider);
    await vdb.call('collection.create', {
      target: { connection: provider },
      spec: { name: 'docs', vectors: [{ name: '', kind: 'dense', dimension: 2, metric: 'cosine', element: 'f32' }] },
      dryRun: false,
    });
    const line = (i: number) =>
      `{"id":${i < 10 ? i : `"r${i}"`},"vector":[1,${i}],"metadata":{"n":${i},"lang":"${i % 2 ? 'de' : 'en'}"},"document":"d${i}"}`;
    await vdb.call('record.upsert', {
      target: { connection: provider, collection: 'docs' },
      lines: Array.from({ length: 1_200 }, (_, i) => line(i)),
      firstLine: 1,
      maxErrors: 0,
      dryRun: false,
    });
  }
});

afterEach(() => vdb.close());

const update = (connection: string, params: Partial<UpdateParams>) =>
  vdb.call('record.update', {
    target: { connection, collection: 'docs' },
    set: {},
    unset: [],
    dryRun: false,
    ...params,
  });

async function metadataOf(connection: string, ids: string[]): Promise<unknown[]> {
  await vdb.call('record.get', {
    target: { connection, collection: 'docs' },
    ids,
    with: ['metadata', 'document', 'vectors'],
  });
  return vdb.items;
}

test('by id: keys are set and removed with their spelling, the rest stays; ids are of the kind that is there', async () => {
  const set = { big: '9007199254740993', float: '1.0', nested: '{"a":[null,"ä"]}', lang: 'null' };
  expect(await update('memory', { ids: ['7', 'r20', 'nosuch', '7'], set, unset: ['n', 'absent'] })).toMatchObject({
    connection: 'memory',
    collection: 'docs',
    matched: null,
    updated: 2,
    rejected: 0,
    elapsedMs: expect.any(Number),
  });
  expect(await metadataOf('memory', ['7', 'r20', '8'])).toEqual([
    '{"id":7,"vector":[1,7],"metadata":{"lang":null,"big":9007199254740993,"float":1.0,"nested":{"a":[null,"ä"]}},"document":"d7"}',
    '{"id":"r20","vector":[1,20],"metadata":{"lang":null,"big":9007199254740993,"float":1.0,"nested":{"a":[null,"ä"]}},"document":"d20"}',
    '{"id":8,"vector":[1,8],"metadata":{"n":8,"lang":"en"},"document":"d8"}',
  ]);
});

test('by filter: finds first, then writes by id; what the database cannot evaluate is checked here and said', async () => {
  const where = 'lang = "de" AND n >= 600';
  const dry = await update('weak', { where, set: { seen: 'true' }, dryRun: true });
  expect(dry).toMatchObject({ matched: 300, updated: 0, residual: 'n >= 600' });
  expect(updates).toBe(0);
  expect(await update('weak', { where, set: { seen: 'true', n: '0' } })).toMatchObject({
    updated: 300,
    residual: 'n >= 600',
  });
  expect(updates).toBe(1);
  const count = async (connection: string, filter: string) =>
    (
      await vdb.call('record.count', {
        target: { connection, collection: 'docs' },
        where: filter,
        exact: true,
      })
    ).count;
  expect(await count('weak', 'seen = true')).toBe(300);
  expect(await count('weak', 'seen = true AND lang = "en"')).toBe(0);
  // All of it by the database: nothing to say.
  expect(await update('memory', { where, set: { seen: 'true' } })).not.toHaveProperty('residual');
});

test('what was written before a failure is told', async () => {
  fault = () => {
    if (updates === 2) throw new VdbError('denied', 'no longer', { outcome: 'not_applied' });
  };
  const error = await failure(update('weak', { where: 'n exists', set: { a: '1' } }));
  expect(error).toMatchObject({
    code: 'denied',
    details: { outcome: 'partially_applied', data: { updated: 500 }, connection: 'weak' },
  });
});

test('a database without the verb is unsupported; nothing is written for who may only read, or where it is protected', async () => {
  expect(await failure(update('without', { ids: ['7'], set: { a: '1' } }))).toMatchObject({
    code: 'unsupported',
    details: { outcome: 'not_applied' },
  });
  const params = { target: { connection: 'memory', collection: 'docs' }, ids: ['7'], set: { a: '1' }, unset: [] };
  for (const dryRun of [false, true]) {
    expect(
      await failure(vdb.call('record.update', { ...params, dryRun }, { context: { readOnly: true } })),
    ).toMatchObject({ code: 'denied', details: { reason: 'read_only' } });
  }
});

test.each([
  [{ set: { a: '1' } }, 'usage', /ids, or a filter/],
  [{ ids: ['1'], where: 'n = 1', set: { a: '1' } }, 'usage', /ids, or a filter/],
  [{ ids: ['1'] }, 'usage', /nothing is named/],
  [{ ids: ['1'], set: { a: '1' }, unset: ['a'] }, 'usage', /both/],
  [{ ids: ['1'], set: { a: 'text' } }, 'invalid', /'a'/],
  [{ ids: ['1'], set: { a: '99999999999999999999' } }, 'invalid', /'a'/],
  [{ where: '', set: { a: '1' } }, 'usage', /empty/],
] as [Partial<UpdateParams>, string, RegExp][])('%j is refused', async (params, code, message) => {
  const error = await failure(update('memory', params));
  expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)]);
});
