import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connector as memory } from '../../../src/connectors/memory/connector.ts';
import { connectorWith, failure, rawError } from '../../core/fakeDatabase.ts';
import { Handled } from './handled.ts';

let vdb: Handled;

const dead = connectorWith(() => ({}), {
  connect: async () => {
    throw rawError('ECONNREFUSED');
  },
});

beforeEach(() => {
  vdb = new Handled({ memory, dead });
});

afterEach(() => vdb.close());

const spec = {
  name: 'docs',
  vectors: [{ name: '', kind: 'dense', dimension: 2, metric: 'cosine', element: 'f32' }],
} as const;
const create = (connection: string) =>
  vdb.call('collection.create', {
    target: { connection },
    spec: { ...spec, vectors: [...spec.vectors] },
    dryRun: false,
  });

test('profile add tests the connection, saves, and shows no secret', async () => {
  await vdb.profile('good', 'memory', { options: { path: 'data' }, test: true, tags: ['favorite'] });
  expect(await vdb.call('profile.show', { name: 'good' })).toMatchObject({
    name: 'good',
    provider: 'memory',
    options: { path: join(vdb.directory, 'data') },
    secrets: [],
    protected: false,
    lastConnectedAt: expect.stringMatching(/Z$/),
  });
  expect(await failure(vdb.profile('bad', 'dead', { test: true }))).toMatchObject({ code: 'unreachable' });
  await vdb.profile('untested', 'dead');
  await vdb.profile('tried', 'memory', { dryRun: true });
  expect((await vdb.call('profile.list', {})).map(({ name }) => name)).toEqual(['good', 'untested']);
  expect((await vdb.call('profile.list', { search: 'UNTEST' })).map(({ name }) => name)).toEqual(['untested']);
  expect((await vdb.call('profile.list', { tag: 'favorite' })).map(({ name }) => name)).toEqual(['good']);
  expect(await failure(vdb.profile('good'))).toMatchObject({ code: 'exists' });
  expect(await vdb.call('profile.test', { name: 'good' })).toMatchObject({
    ok: true,
    serverVersion: 'memory',
    capabilities: {
      metrics: ['cosine', 'dot', 'euclidean'],
      verbs: expect.arrayContaining(['scan', 'count', 'clear']),
    },
  });
  expect(await failure(vdb.call('profile.test', { name: 'untested' }))).toMatchObject({ code: 'unreachable' });
});

test('removing a profile closes its connections', async () => {
  await vdb.profile('a');
  await vdb.call('connection.open', { profile: 'a' });
  expect(await vdb.call('profile.remove', { name: 'a', dryRun: true })).toEqual({ name: 'a', removed: false });
  expect(await vdb.call('profile.remove', { name: 'a', dryRun: false })).toEqual({ name: 'a', removed: true });
  expect(await vdb.call('session.status', {})).toMatchObject({ active: null, connections: [] });
  expect(await failure(vdb.call('profile.remove', { name: 'a', dryRun: false }))).toMatchObject({ code: 'not_found' });
});

test('connect, status and disconnect; the first connection of a session becomes active', async () => {
  await vdb.profile('a');
  await vdb.profile('b');
  await create('a');
  expect(await vdb.call('connection.open', { profile: 'a' })).toMatchObject({
    name: 'a',
    state: 'connected',
    held: true,
    active: true,
    activeCollection: null,
    collections: 1,
    error: null,
  });
  expect(await vdb.call('connection.open', { profile: 'b', as: 'second' })).toMatchObject({
    active: false,
    profile: 'b',
  });
  expect(await vdb.call('session.status', {})).toMatchObject({
    session: 'default',
    active: { connection: 'a', collection: null, partition: null },
    connections: [
      { name: 'a', active: true },
      { name: 'second', active: false },
    ],
    daemon: { pid: 1, protocol: 1 },
  });
  // Another shell sees the connections, with nothing active.
  const other = await vdb.call('session.status', {}, { context: { session: 'other' } });
  expect(other).toMatchObject({ active: null, connections: [{ active: false }, { active: false }] });
  expect(await vdb.call('connection.close', { all: true })).toMatchObject([
    { name: 'a' },
    { name: 'second', state: 'disconnected' },
  ]);
  expect((await vdb.call('session.status', {})).active).toBeNull();
  expect(await failure(vdb.call('connection.close', {}))).toMatchObject({ code: 'usage' });
});

test('use checks the collection, remembers it per connection, and goes back', async () => {
  await vdb.profile('a');
  await vdb.profile('b');
  await create('a');
  expect(await failure(vdb.call('session.use', { target: { collection: 'docs' } }))).toMatchObject({ code: 'usage' });
  expect(await failure(vdb.call('session.use', { target: { connection: 'nosuch' } }))).toMatchObject({
    code: 'not_found',
  });
  expect(await failure(vdb.call('session.use', { target: { connection: 'a', collection: 'nosuch' } }))).toMatchObject({
    code: 'not_found',
  });
  await vdb.call('session.use', { target: { connection: 'a' } });
  await vdb.call('session.use', { target: { connection: '.', collection: 'docs' } });
  expect((await vdb.call('session.use', { target: { connection: 'b' } })).active).toEqual({
    connection: 'b',
    collection: null,
    partition: null,
  });
  expect((await vdb.call('session.use', { previous: true })).active).toEqual({
    connection: 'a',
    collection: 'docs',
    partition: null,
  });
  expect((await vdb.call('session.use', { previous: true })).active?.connection).toBe('b');
  expect(await vdb.call('session.list', {})).toMatchObject([{ name: 'default', active: { connection: 'b' } }]);
  expect(await vdb.call('session.remove', { name: 'default', dryRun: false })).toEqual({
    name: 'default',
    removed: true,
  });
  expect((await vdb.call('session.status', {})).active).toBeNull();
});

test("the collection meant: named, then the session's, then the profile's default", async () => {
  await vdb.profile('a', 'memory', { defaultCollection: 'docs' });
  await create('a');
  const describe = (target: object) => vdb.call('collection.describe', { target });
  expect(await failure(describe({}))).toMatchObject({
    code: 'usage',
    exit: 2,
    details: { hint: expect.stringContaining('vdb connect') },
  });
  expect(await describe({ connection: 'a' })).toMatchObject({ name: 'docs' });
  expect(await failure(describe({ connection: 'a', collection: 'nosuch' }))).toMatchObject({
    code: 'not_found',
    details: { connection: 'a' },
  });
  expect(await failure(describe({ connection: 'docs' }))).toMatchObject({
    details: { hint: expect.stringContaining('./docs') },
  });
});

test('ping answers for each, and says which did not', async () => {
  await vdb.profile('a');
  await vdb.profile('down', 'dead');
  expect(await vdb.call('connection.ping', { names: ['a'] })).toMatchObject([
    { connection: 'a', serverVersion: 'memory' },
  ]);
  expect(await failure(vdb.call('connection.ping', { names: ['a', 'down'] }))).toMatchObject({
    code: 'partial',
    details: { data: { results: [{ connection: 'a' }], failures: [{ code: 'unreachable', connection: 'down' }] } },
  });
  expect(await failure(vdb.call('connection.ping', { names: ['down'] }))).toMatchObject({ code: 'unreachable' });
  expect(await failure(vdb.call('connection.ping', {}))).toMatchObject({ code: 'usage' });
});

test('collections are created, listed, described and dropped', async () => {
  await vdb.profile('a');
  const target = { connection: 'a', collection: 'docs' };
  const dry = await vdb.call('collection.create', {
    target: { connection: 'a' },
    spec: { ...spec, vectors: [...spec.vectors] },
    dryRun: true,
  });
  expect(dry).toMatchObject({ name: 'docs', count: null });
  expect(await vdb.call('collection.list', { target: { connection: 'a' } })).toEqual([]);
  expect(await create('a')).toMatchObject({ name: 'docs', count: 0, countExact: true });
  expect(await failure(create('a'))).toMatchObject({ code: 'exists' });
  expect(await vdb.call('collection.list', { target: { connection: 'a' } })).toMatchObject([
    { name: 'docs', vectors: [{ dimension: 2 }] },
  ]);
  expect(await vdb.call('collection.drop', { target, dryRun: true })).toEqual({
    name: 'docs',
    dropped: false,
    connection: 'a',
    endpoint: `memory:${vdb.directory}/a`,
    count: 0,
  });
  expect(await vdb.call('collection.drop', { target, dryRun: false })).toMatchObject({ dropped: true });
  expect(await failure(vdb.call('collection.drop', { target, dryRun: false }))).toMatchObject({ code: 'not_found' });
});

test('read-only callers and protected profiles refuse every write', async () => {
  await vdb.profile('a');
  await create('a');
  const target = { connection: 'a', collection: 'docs' };
  const write = { target, lines: ['{"id":"a"}'], firstLine: 1, maxErrors: 0, dryRun: false };
  const readOnly = { context: { readOnly: true } };
  for (const work of [
    vdb.call('record.upsert', write, readOnly),
    vdb.call('record.delete', { target, all: true, dryRun: false }, readOnly),
    vdb.call('collection.drop', { target, dryRun: false }, readOnly),
  ]) {
    expect(await failure(work)).toMatchObject({
      code: 'denied',
      details: { reason: 'read_only', outcome: 'not_applied' },
    });
  }
  const path = join(vdb.directory, 'profiles.json');
  writeFileSync(path, readFileSync(path, 'utf8').replace('"protected": false', '"protected": true'));
  expect(await failure(vdb.call('record.upsert', write))).toMatchObject({
    code: 'denied',
    details: { reason: 'protected' },
  });
  expect(await vdb.call('record.count', { target, exact: true })).toMatchObject({ count: 0 });
});

test('a damaged file is told by what needs it, and by nothing else', async () => {
  await vdb.profile('a');
  writeFileSync(join(vdb.directory, 'sessions.json'), 'oops');
  expect(await failure(vdb.call('session.status', {}))).toMatchObject({ code: 'config', exit: 78 });
  expect(await vdb.call('profile.show', { name: 'a' })).toMatchObject({ name: 'a' });
  writeFileSync(join(vdb.directory, 'config.json'), '{"version":1,"speed":11}');
  expect(await failure(vdb.call('daemon.settings', {}))).toMatchObject({
    code: 'config',
    message: expect.stringContaining('speed'),
  });
});
