import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConnectionManager } from '../../../src/core/connections/connectionManager.ts';
import { Link } from '../../../src/core/connections/link.ts';
import { Events } from '../../../src/core/events/events.ts';
import { ProfileStore } from '../../../src/core/profiles/profileStore.ts';
import { Settings } from '../../../src/core/settings.ts';
import { failure, newCall, rawError } from '../fakeDatabase.ts';
import { EchoServer, echoConnector } from './echoServer.ts';

let directory: string;
let connections: ConnectionManager;
let events: Events;
let refusal: Error | undefined;
const servers: EchoServer[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vdb-keeper-'));
  events = new Events();
  refusal = undefined;
  settings({});
  connections = new ConnectionManager({
    stateDir: directory,
    profiles: new ProfileStore(directory),
    settings: new Settings(directory),
    registry: { echo: async () => echoConnector(() => refusal) },
    events,
  });
});

afterEach(async () => {
  await connections.closeAll();
  for (const server of servers.splice(0)) await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

function settings(values: object): void {
  const quick = { retryAttempts: 1, reconnectBaseMs: 20, reconnectCapMs: 80, probeMs: 40, callTimeoutMs: 150 };
  writeFileSync(join(directory, 'config.json'), JSON.stringify({ version: 1, ...quick, ...values }));
}

/** A server, and a profile of it. */
async function server(name: string, secrets: Record<string, string> = {}): Promise<EchoServer> {
  const made = new EchoServer();
  servers.push(made);
  await made.start();
  const store = new ProfileStore(directory);
  const rest = { tags: [], folder: null, description: null, defaultCollection: null };
  await store.add(store.draft({ name, provider: 'echo', options: { port: made.port }, secrets, ...rest }));
  return made;
}

function states(connection: string): string[] {
  return events
    .recent()
    .filter(event => event.type === 'connection.stateChanged' && event.connection === connection)
    .map(({ data }) => String(data.state));
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 8_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not in time: ${condition}; ${JSON.stringify(events.recent())}`);
    await sleep(5);
  }
}

const stateOf = async (name: string) => (await connections.list()).find(each => each.name === name)?.state;

test('a held connection that lost its server is in error, tries, and is connected again', async () => {
  const echo = await server('a');
  await connections.open('a', 'x', {}, newCall());
  expect(states('x')).toEqual(['connecting', 'connected']);
  await echo.stop();
  await until(async () => (await stateOf('x')) === 'error');
  const tries = states('x').length;
  await until(() => states('x').length > tries + 6);
  expect((await connections.list())[0]).toMatchObject({ held: true, error: { code: 'unreachable' } });
  await echo.start();
  await until(async () => (await stateOf('x')) === 'connected');
  expect((await connections.list())[0]!.error).toBeNull();
  expect(states('x').slice(2, 5)).toEqual(['error', 'connecting', 'error']);
  expect(states('x').slice(-2)).toEqual(['connecting', 'connected']);
  // What was tried in the background is no reason to refuse a caller.
  const lease = await connections.lease('x', {}, newCall());
  expect(await lease.database.ping(newCall())).toEqual({ serverVersion: 'echo' });
  lease.release();
});

test('a caller meets the server, not a resting circuit, however often it was tried in the background', async () => {
  const echo = await server('a');
  await connections.open('a', undefined, {}, newCall());
  await echo.stop();
  await until(() => states('a').filter(state => state === 'error').length > 6);
  expect(await failure(connections.lease('a', {}, newCall()))).toMatchObject({ code: 'unreachable' });
});

test('a server that says nothing is lost too, and slows no other connection', async () => {
  const mute = await server('mute');
  await server('good');
  await connections.open('mute', undefined, {}, newCall());
  await connections.open('good', undefined, {}, newCall());
  mute.silent = true;
  await until(async () => (await stateOf('mute')) === 'error');
  expect((await connections.list()).find(({ name }) => name === 'mute')?.error).toMatchObject({ code: 'timeout' });
  const lease = await connections.lease('good', {}, newCall());
  const started = performance.now();
  await lease.database.ping(newCall());
  expect(performance.now() - started).toBeLessThan(100);
  lease.release();
  expect(states('good')).toEqual(['connecting', 'connected']);
});

test('one opened on demand is neither asked nor opened again; nor is a closed one', async () => {
  const demanded = await server('a');
  (await connections.lease('a', {}, newCall())).release();
  const held = await server('b');
  await connections.open('b', undefined, {}, newCall());
  await connections.close('b');
  await demanded.stop();
  await held.stop();
  await sleep(200);
  expect(states('a')).toEqual(['connecting', 'connected']);
  expect(states('b')).toEqual(['connecting', 'connected', 'disconnected']);
  expect([demanded.taken, held.taken]).toEqual([1, 1]);
});

test('one that was on demand first is kept once it is held', async () => {
  const echo = await server('a');
  (await connections.lease('a', {}, newCall())).release();
  await connections.open('a', undefined, {}, newCall());
  await echo.stop();
  await until(async () => (await stateOf('a')) === 'error');
});

test('with probeMs 0 nothing is asked', async () => {
  settings({ probeMs: 0 });
  const echo = await server('a');
  await connections.open('a', undefined, {}, newCall());
  await echo.stop();
  await sleep(200);
  expect(states('a')).toEqual(['connecting', 'connected']);
});

test('refused credentials are not tried again: a person is needed', async () => {
  const echo = await server('a', { password: 'prompt' });
  await connections.open('a', undefined, { a: { password: 'hunter2' } }, newCall());
  refusal = rawError('28P01', 'no entry for hunter2');
  await echo.stop();
  await until(async () => (await connections.list())[0]!.error?.code === 'denied');
  const before = states('a').length;
  await sleep(250);
  expect(states('a')).toHaveLength(before);
  expect(JSON.stringify(events.recent())).not.toContain('hunter2');
  expect(events.recent().at(-1)).toMatchObject({ data: { state: 'error', error: { code: 'denied', reason: 'auth' } } });
});

test('a secret that only a caller can give is the reason of the error', async () => {
  await server('a', { password: 'env:PW' });
  const [profile] = await new ProfileStore(directory).list();
  const told: string[] = [];
  const link = new Link(profile!, echoConnector(), await new Settings(directory).values(), {
    state: (_, to) => told.push(to),
  });
  await failure(link.reopen(new AbortController().signal));
  expect(link.error).toMatchObject({ code: 'denied', details: { reason: 'needs_secret' } });
  expect(told).toEqual(['error']);
});

test('opening and closing is told under the names that hold it', async () => {
  await server('a');
  await connections.open('a', 'x', {}, newCall());
  await connections.open('a', 'y', {}, newCall());
  await connections.close('x');
  await connections.close('y');
  expect(events.recent().map(({ type, connection, data }) => [type, connection, data.state ?? data.profile])).toEqual([
    ['connection.stateChanged', 'x', 'connecting'],
    ['connection.stateChanged', 'x', 'connected'],
    ['connection.opened', 'x', 'a'],
    ['connection.opened', 'y', 'a'],
    ['connection.closed', 'x', 'a'],
    ['connection.stateChanged', 'y', 'disconnected'],
    ['connection.closed', 'y', 'a'],
  ]);
});

test('the number of collections follows what is made and dropped, whoever does it', async () => {
  await server('a');
  await connections.open('a', undefined, {}, newCall());
  const { database, release } = await connections.lease('a', {}, newCall());
  const vectors = [{ name: '', kind: 'dense', dimension: 2, metric: 'cosine', element: 'f32' }] as const;
  const count = async () => (await connections.list())[0]!.collections;
  const make = (name: string) => database.create({ name, vectors: [...vectors] }, newCall());
  await make('one');
  expect(await count()).toBeNull();
  await database.collections(newCall());
  await make('two');
  expect(await count()).toBe(2);
  await database.drop({ collection: 'one', partition: '' }, newCall());
  expect(await count()).toBe(1);
  await failure(database.drop({ collection: 'one', partition: '' }, newCall()));
  expect(await count()).toBe(1);
  release();
  const told = events.recent().filter(({ type }) => type === 'collections.updated');
  expect(told.map(({ connection, data }) => [connection, data.collection, data.change])).toEqual([
    ['a', 'one', 'created'],
    ['a', 'two', 'created'],
    ['a', 'one', 'dropped'],
  ]);
});
