import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connector as memory } from '../../../src/connectors/memory/connector.ts';
import type { CollectionRef, Database } from '../../../src/core/connector.ts';
import { VdbError } from '../../../src/model/errors.ts';
import { connectorWith, failure } from '../../core/fakeDatabase.ts';
import { Handled } from './handled.ts';

let vdb: Handled;
let partitions: Map<string, number>;
let ran: unknown[];

/** A database with a language and partitions of its own. */
const capable = connectorWith((database: Database) => ({
  capabilities: { ...database.capabilities, partitions: true },
  async *native(statement: string, params: unknown) {
    ran.push([statement, params]);
    if (statement === 'fail') throw new VdbError('invalid', 'syntax error');
    yield '{"n":9007199254740993}';
    yield '{"n":null}';
  },
  partitions: async () => [...partitions].map(([name, count]) => ({ name, count })),
  createPartition: async ({ partition }: CollectionRef) => {
    if (partitions.has(partition)) throw new VdbError('exists', 'there is one', { outcome: 'not_applied' });
    partitions.set(partition, 0);
  },
  dropPartition: async ({ partition }: CollectionRef) => void partitions.delete(partition),
}));

beforeEach(async () => {
  partitions = new Map([['a', 3]]);
  ran = [];
  vdb = new Handled({ memory, capable });
  for (const provider of ['memory', 'capable']) await vdb.profile(provider, provider);
});

afterEach(() => vdb.close());

const native = (connection: string, statement: string, context = {}) =>
  vdb.call('native.run', { target: { connection }, statement, params: { p: [1, null, 'x'] } }, { context });

function protect(name: string): void {
  const path = join(vdb.directory, 'profiles.json');
  const document = JSON.parse(readFileSync(path, 'utf8'));
  document.profiles.find((profile: { name: string }) => profile.name === name).protected = true;
  writeFileSync(path, JSON.stringify(document));
}

test('a statement goes to the database as it is, and its rows come back as they were said', async () => {
  expect(await native('capable', 'select')).toMatchObject({ connection: 'capable', rows: 2 });
  expect(vdb.items).toEqual(['{"n":9007199254740993}', '{"n":null}']);
  expect(ran).toEqual([['select', { p: [1, null, 'x'] }]]);
  expect(await failure(native('capable', 'fail'))).toMatchObject({
    code: 'invalid',
    message: 'syntax error',
    details: { connection: 'capable' },
  });
  expect(await failure(native('memory', 'select'))).toMatchObject({ code: 'unsupported' });
});

test('since a statement may write, it runs neither read-only nor on a protected profile', async () => {
  expect(await failure(native('capable', 'select', { readOnly: true }))).toMatchObject({
    code: 'denied',
    details: { reason: 'read_only' },
  });
  protect('capable');
  expect(await failure(native('capable', 'select'))).toMatchObject({ details: { reason: 'protected' } });
  expect(ran).toEqual([]);
});

const target = (partition?: string) => ({
  connection: 'capable',
  collection: 'docs',
  ...(partition !== undefined && { partition }),
});

test('partitions are listed, made and dropped; a dry run does nothing', async () => {
  const place = { connection: 'capable', collection: 'docs' };
  expect(await vdb.call('partition.create', { target: target('b'), dryRun: true })).toEqual({
    name: 'b',
    created: false,
    ...place,
  });
  expect(await vdb.call('partition.list', { target: target() })).toEqual([{ name: 'a', count: 3 }]);
  expect(await vdb.call('partition.create', { target: target('b'), dryRun: false })).toMatchObject({ created: true });
  for (const dryRun of [false, true]) {
    expect(await failure(vdb.call('partition.create', { target: target('b'), dryRun }))).toMatchObject({
      code: 'exists',
    });
  }
  const endpoint = expect.stringContaining('capable');
  expect(await vdb.call('partition.drop', { target: target('a'), dryRun: true })).toEqual({
    name: 'a',
    dropped: false,
    count: 3,
    endpoint,
    ...place,
  });
  expect(await vdb.call('partition.drop', { target: target('a'), dryRun: false })).toMatchObject({ dropped: true });
  expect(await vdb.call('partition.list', { target: target() })).toEqual([{ name: 'b', count: 0 }]);
  expect(await failure(vdb.call('partition.drop', { target: target('a'), dryRun: false }))).toMatchObject({
    code: 'not_found',
  });
  const told = vdb.services.events.recent().filter(({ type }) => type === 'collections.updated');
  expect(told.map(({ data }) => [data.collection, data.partition, data.change])).toEqual([
    ['docs', 'b', 'created'],
    ['docs', 'a', 'dropped'],
  ]);
});

test('partitions are guarded: unnamed, read-only, protected, worked on by a job, or not there at all', async () => {
  const drop = (partition?: string, context = {}) =>
    vdb.call('partition.drop', { target: target(partition), dryRun: false }, { context });
  const create = (context = {}) => vdb.call('partition.create', { target: target('c'), dryRun: false }, { context });
  expect(await failure(drop())).toMatchObject({ code: 'usage' });
  expect(await failure(drop('a', { readOnly: true }))).toMatchObject({ details: { reason: 'read_only' } });
  expect(await failure(create({ readOnly: true }))).toMatchObject({ details: { reason: 'read_only' } });
  const { connections } = vdb.services;
  const call = { signal: new AbortController().signal, deadlineMs: 1000 };
  const lease = await connections.lease('capable', {}, call, { job: { id: 'j1', writes: true, collection: 'docs' } });
  expect(await failure(drop('a'))).toMatchObject({ code: 'busy', details: { data: { job: 'j1' } } });
  lease.release();
  protect('capable');
  expect(await failure(drop('a'))).toMatchObject({ details: { reason: 'protected' } });
  expect(await failure(create())).toMatchObject({ details: { reason: 'protected' } });
  expect([...partitions.keys()]).toEqual(['a']);
  expect(
    await failure(vdb.call('partition.list', { target: { connection: 'memory', collection: 'docs' } })),
  ).toMatchObject({ code: 'unsupported', message: expect.stringContaining('has no partitions') });
});
