import { afterEach, beforeEach, expect, test } from 'vitest';
import { connector as memory } from '../../../src/connectors/memory/connector.ts';
import type { Event } from '../../../src/model/event.ts';
import { connectorWith, failure } from '../../core/fakeDatabase.ts';
import { Handled } from './handled.ts';

let vdb: Handled;
let fault: Error | undefined;

const failing = connectorWith(database => ({
  upsert: async (...args: Parameters<typeof database.upsert>) => {
    if (fault) throw fault;
    return database.upsert(...args);
  },
}));

beforeEach(() => {
  fault = undefined;
  vdb = new Handled({ memory, failing });
});

afterEach(() => vdb.close());

async function events(types?: string[]): Promise<Event[]> {
  await vdb.call('event.follow', { follow: false, ...(types && { types }) });
  return vdb.items.map(item => JSON.parse(item as string));
}

const create = (connection: string, name: string) =>
  vdb.call('collection.create', {
    target: { connection },
    spec: { name, vectors: [{ name: '', kind: 'dense', dimension: 2, metric: 'cosine', element: 'f32' }] },
    dryRun: false,
  });

const migrate = (target: string) =>
  vdb.call('transfer.migrate', {
    source: { connection: 'a', collection: 'docs' },
    target: { connection: 'b', collection: target },
    mode: 'default',
    overwrite: false,
    rename: {},
    maxErrors: 0,
    acceptLoss: [],
  });

test('what happens is told by who does it: profiles, connections, sessions, collections', async () => {
  await vdb.profile('a');
  await vdb.profile('dry', 'memory', { dryRun: true });
  await vdb.call('connection.open', { profile: 'a' });
  await create('a', 'docs');
  await vdb.call('session.use', { target: { connection: 'a', collection: 'docs' } });
  await vdb.call('session.use', { target: { connection: 'a', collection: 'docs' } });
  await vdb.call('profile.remove', { name: 'a', dryRun: false });
  const told = (await events()).map(({ type, session, connection, data }) => [type, session, connection, data]);
  const nothing = { collection: null, partition: null };
  const docs = { collection: 'docs', partition: null };
  expect(told).toEqual([
    ['profile.added', null, null, { profile: 'a', provider: 'memory' }],
    ['connection.stateChanged', null, 'a', { from: 'disconnected', state: 'connecting', error: null }],
    ['connection.stateChanged', null, 'a', { from: 'connecting', state: 'connected', error: null }],
    [
      'connection.opened',
      null,
      'a',
      { profile: 'a', provider: 'memory', endpoint: expect.stringContaining('memory:') },
    ],
    ['session.activeConnectionChanged', 'default', 'a', { from: null, to: 'a' }],
    ['collections.updated', null, 'a', { collection: 'docs', change: 'created' }],
    ['session.activeCollectionChanged', 'default', 'a', { from: nothing, to: docs }],
    ['connection.stateChanged', null, 'a', { from: 'connected', state: 'disconnected', error: null }],
    ['connection.closed', null, 'a', { profile: 'a' }],
    ['session.activeConnectionChanged', 'default', null, { from: 'a', to: null }],
    ['profile.deleted', null, null, { profile: 'a' }],
  ]);
});

test('a job tells its start and its end once each; one that never came to be tells nothing', async () => {
  await vdb.profile('a');
  await vdb.profile('b', 'failing');
  await create('a', 'docs');
  await vdb.call('record.upsert', {
    target: { connection: 'a', collection: 'docs' },
    lines: ['{"id":"x","vector":[1,2]}'],
    firstLine: 1,
    maxErrors: 0,
    dryRun: false,
  });
  expect((await vdb.call('connection.open', { profile: 'b' })).collections).toBe(0);
  const { job } = await migrate('docs');
  expect((await events(['job'])).map(({ type, session, data }) => [type, session, data])).toEqual([
    ['job.started', 'default', { job, source: 'a/docs', target: 'b/docs', state: 'running' }],
    ['job.done', 'default', { job, source: 'a/docs', target: 'b/docs', state: 'done' }],
  ]);
  // The migration made a collection there.
  expect((await vdb.call('connection.list', {})).find(({ name }) => name === 'b')?.collections).toBe(1);
  expect(await failure(migrate('docs'))).toMatchObject({ code: 'exists' });
  expect(await events(['job'])).toHaveLength(2);
  fault = new Error('broken');
  await failure(migrate('other'));
  expect((await events(['job'])).slice(2).map(({ type }) => type)).toEqual(['job.started', 'job.failed']);
  fault = undefined;
  const failed = (await events(['job.failed']))[0]!.data.job as string;
  await vdb.call('job.resume', { id: failed });
  await vdb.call('job.resume', { id: failed });
  await vdb.call('job.remove', { id: failed, dryRun: false });
  expect((await events(['job'])).slice(4).map(({ type }) => type)).toEqual(['job.started', 'job.done', 'job.removed']);
});

test('followers see what happens from now on, of the types they asked for, until nothing more can come', async () => {
  await vdb.profile('before');
  const following = vdb.call('event.follow', { follow: true, types: ['profile.added'] });
  const seen = vdb.items;
  await vdb.services.profiles.list();
  vdb.services.events.tell('profile.added', { profile: 'one', provider: 'x' });
  vdb.services.events.tell('profile.deleted', { profile: 'one' });
  vdb.services.events.close();
  expect(await following).toEqual({ count: 1 });
  expect(seen).toEqual([expect.stringContaining('"one"')]);
});

test('an unknown type is refused with those there are', async () => {
  expect(await failure(vdb.call('event.follow', { follow: false, types: ['jobs'] }))).toMatchObject({
    code: 'usage',
    details: { hint: expect.stringContaining('job.done') },
  });
});
