import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConnectionManager } from '../../../src/core/connections/connectionManager.ts';
import type { Registry } from '../../../src/core/connections/registry.ts';
import type { Connector, Database, Secrets } from '../../../src/core/connector.ts';
import { Events } from '../../../src/core/events/events.ts';
import { ProfileStore } from '../../../src/core/profiles/profileStore.ts';
import { Settings } from '../../../src/core/settings.ts';
import { connectorWith, failure, newCall, rawError } from '../fakeDatabase.ts';

let directory: string;
let connects: Secrets[];
let closes: number;
let fault: { connect?: () => Promise<void>; ping?: () => void };
const managers: ConnectionManager[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vdb-connections-'));
  [connects, closes, fault] = [[], 0, {}];
});

afterEach(async () => {
  for (const manager of managers.splice(0)) await manager.closeAll();
  rmSync(directory, { recursive: true, force: true });
});

const plain = connectorWith((database: Database) => ({
  ping: async () => {
    fault.ping?.();
    return { serverVersion: '1' };
  },
  close: async () => {
    closes++;
    await database.close();
  },
}));

const connector: Connector = {
  ...plain,
  manifest: { ...plain.manifest, secrets: [{ name: 'password', help: '' }] },
  async connect(options, secrets, call) {
    connects.push({ ...secrets });
    await fault.connect?.();
    return plain.connect(options, secrets, call);
  },
};

const registry: Registry = { memory: async () => connector };

function manager(): ConnectionManager {
  const profiles = new ProfileStore(directory);
  const parts = { stateDir: directory, profiles, settings: new Settings(directory), registry, events: new Events() };
  const made = new ConnectionManager(parts);
  managers.push(made);
  return made;
}

async function profile(name: string, secrets: Record<string, string> = {}, path = name): Promise<void> {
  const store = new ProfileStore(directory);
  await store.add(
    store.draft({
      name,
      provider: 'memory',
      options: { path },
      secrets,
      tags: [],
      folder: null,
      description: null,
      defaultCollection: null,
    }),
  );
}

function settings(values: object): void {
  writeFileSync(join(directory, 'config.json'), JSON.stringify({ version: 1, retryBaseMs: 1, ...values }));
}

test('holds, lists and closes; connections of one profile share one database', async () => {
  await profile('a');
  const connections = manager();
  expect(await connections.open('a', undefined, {}, newCall())).toMatchObject({
    name: 'a',
    state: 'connected',
    held: true,
    serverVersion: '1',
  });
  await connections.open('a', 'b', {}, newCall());
  await connections.open('a', undefined, {}, newCall());
  expect(connects).toHaveLength(1);
  expect((await connections.list()).map(({ name, state }) => [name, state])).toEqual([
    ['a', 'connected'],
    ['b', 'connected'],
  ]);
  await connections.close('a');
  expect(closes).toBe(0);
  expect(await connections.close('b')).toMatchObject({ name: 'b', state: 'disconnected' });
  expect(closes).toBe(1);
  expect(await connections.list()).toEqual([]);
  expect(await failure(connections.close('b'))).toMatchObject({ code: 'not_found' });
});

test('callers at once open one database', async () => {
  await profile('a');
  const connections = manager();
  fault.connect = () => sleep(30);
  const leases = await Promise.all(Array.from({ length: 20 }, () => connections.lease('a', {}, newCall())));
  expect(connects).toHaveLength(1);
  expect((await connections.list())[0]).toMatchObject({ name: 'a', held: false, state: 'connected' });
  for (const lease of leases) lease.release();
});

test('no more are held than allowed; on demand ones do not count', async () => {
  settings({ connectionLimit: 2 });
  for (const name of ['a', 'b', 'c']) await profile(name);
  const connections = manager();
  await connections.open('a', undefined, {}, newCall());
  await connections.open('b', undefined, {}, newCall());
  const refusal = { code: 'busy', details: { reason: 'connection_limit' } };
  expect(await failure(connections.open('c', undefined, {}, newCall()))).toMatchObject(refusal);
  (await connections.lease('c', {}, newCall())).release();
  expect((await connections.list()).filter(({ held }) => held)).toHaveLength(2);
});

test('names mean one thing', async () => {
  for (const name of ['a', 'b']) await profile(name);
  const connections = manager();
  expect(await failure(connections.open('a', 'b', {}, newCall()))).toMatchObject({ code: 'exists' });
  await connections.open('a', 'x', {}, newCall());
  expect(await failure(connections.open('b', 'x', {}, newCall()))).toMatchObject({ code: 'exists' });
  expect(await failure(connections.open('a', 'Not a name', {}, newCall()))).toMatchObject({ code: 'usage' });
  const error = await failure(connections.lease('docs', {}, newCall()));
  expect(error).toMatchObject({ code: 'not_found', details: { hint: expect.stringContaining('./docs') } });
});

test('held ones are there after a restart, and open when first needed', async () => {
  await profile('a');
  await manager().open('a', 'x', {}, newCall());
  const after = manager();
  expect(await after.list()).toMatchObject([
    { name: 'x', profile: 'a', state: 'disconnected', held: true, endpoint: 'memory:a' },
  ]);
  expect(connects).toHaveLength(1);
  const lease = await after.lease('x', {}, newCall());
  expect(lease).toMatchObject({ connection: 'x', serverVersion: '1', endpoint: 'memory:a' });
  lease.release();
  expect((await after.list())[0]).toMatchObject({ state: 'connected' });
});

test('one opened on demand closes when idle, a held one does not', async () => {
  settings({ onDemandIdleMs: 40 });
  for (const name of ['a', 'b']) await profile(name);
  const connections = manager();
  await connections.open('a', undefined, {}, newCall());
  const lease = await connections.lease('b', {}, newCall());
  await sleep(120);
  expect(connections.openCount).toBe(2);
  lease.release();
  await sleep(150);
  expect((await connections.list()).map(({ name }) => name)).toEqual(['a']);
  expect([connections.openCount, closes]).toEqual([1, 1]);
});

test('asks for secrets that only the caller has, and keeps them while open', async () => {
  await profile('a', { password: 'env:PGPASSWORD' });
  const connections = manager();
  expect(await failure(connections.lease('a', {}, newCall()))).toMatchObject({
    code: 'denied',
    details: { reason: 'needs_secret', needs: [{ profile: 'a', name: 'password', source: 'env:PGPASSWORD' }] },
  });
  expect(connects).toHaveLength(0);
  await connections.open('a', undefined, { a: { password: 'hunter2' } }, newCall());
  expect(connects[0]!.password!.reveal()).toBe('hunter2');
  expect(JSON.stringify(connects)).not.toContain('hunter2');
  (await connections.lease('a', {}, newCall())).release();
  await connections.close('a');
  expect(await failure(connections.lease('a', {}, newCall()))).toMatchObject({ details: { reason: 'needs_secret' } });
});

test('an error names the endpoint, hides the secret, and is the state until it works again', async () => {
  settings({ retryAttempts: 1 });
  await profile('a', { password: 'prompt' });
  const connections = manager();
  const secrets = { a: { password: 'hunter2' } };
  fault.connect = async () => {
    throw rawError('ECONNREFUSED', 'refused with hunter2');
  };
  const error = await failure(connections.open('a', undefined, secrets, newCall()));
  expect(error).toMatchObject({
    code: 'unreachable',
    message: 'cannot connect to memory:a: nothing listens at that address',
    details: { reason: 'refused', cause: 'refused with [secret]', connection: 'a', outcome: 'not_applied' },
  });
  expect(await connections.list()).toMatchObject([{ name: 'a', held: false, state: 'error' }]);
  fault = {};
  const lease = await connections.lease('a', secrets, newCall());
  expect(await connections.list()).toMatchObject([{ state: 'connected', error: null }]);
  fault.ping = () => {
    throw rawError('ECONNRESET');
  };
  await failure(lease.database.ping(newCall()));
  expect(await connections.list()).toMatchObject([{ state: 'error' }]);
  lease.release();
  fault = {};
  // Opened anew, with the secrets that are known.
  const again = await connections.lease('a', {}, newCall());
  expect(connects).toHaveLength(3);
  expect(await connections.list()).toMatchObject([{ state: 'connected' }]);
  again.release();
});

test('connecting has a deadline; a caller who leaves does not take it from others', async () => {
  settings({ embeddedConnectTimeoutMs: 60, retryAttempts: 1 });
  await profile('a');
  const connections = manager();
  fault.connect = () => sleep(150);
  expect(await failure(connections.lease('a', {}, newCall()))).toMatchObject({
    code: 'timeout',
    details: { outcome: 'not_applied' },
  });
  await sleep(200);
  // The one that came too late was closed.
  expect(closes).toBe(1);

  const impatient = connections.lease('a', {}, newCall(AbortSignal.timeout(20)), { connectMs: 1_000 });
  const patient = connections.lease('a', {}, newCall(), { connectMs: 1_000 });
  expect(await failure(impatient)).toMatchObject({ code: 'timeout' });
  (await patient).release();
});

test('rests after five failures in a row', async () => {
  settings({ retryAttempts: 1 });
  await profile('a');
  const connections = manager();
  fault.connect = async () => {
    throw rawError('ECONNREFUSED');
  };
  for (let i = 0; i < 5; i++)
    expect(await failure(connections.lease('a', {}, newCall()))).toMatchObject({ code: 'unreachable' });
  expect(await failure(connections.lease('a', {}, newCall()))).toMatchObject({
    code: 'busy',
    details: { reason: 'circuit_open' },
  });
  expect(connects).toHaveLength(5);
});

test('an edited profile is another database; what runs on the old one goes on', async () => {
  await profile('a');
  const connections = manager();
  const old = await connections.lease('a', {}, newCall());
  const store = new ProfileStore(directory);
  await store.remove('a');
  await profile('a', {}, 'elsewhere');
  const lease = await connections.lease('a', {}, newCall());
  expect([old.endpoint, lease.endpoint]).toEqual(['memory:a', 'memory:elsewhere']);
  await old.database.ping(newCall());
  expect(closes).toBe(0);
  old.release();
  await sleep(10);
  expect(closes).toBe(1);
  lease.release();
});

test('a job keeps its connection: closing is busy, naming it', async () => {
  await profile('a');
  const connections = manager();
  await connections.open('a', undefined, {}, newCall());
  const lease = await connections.lease('a', {}, newCall(), { job: { id: 'j1', writes: true, collection: 'docs' } });
  const refusal = { code: 'busy', details: { reason: 'locked', data: { job: 'j1' } } };
  expect(await failure(connections.close('a'))).toMatchObject(refusal);
  expect(await failure(connections.closeProfile('a'))).toMatchObject(refusal);
  expect(() => connections.refuseJobsOn(lease, 'docs')).toThrow('j1');
  expect(() => connections.refuseJobsOn(lease, 'other')).not.toThrow();
  lease.release();
  await connections.close('a');
});

test('a call that runs while its connection is closed goes on', async () => {
  await profile('a');
  const connections = manager();
  await connections.open('a', undefined, {}, newCall());
  const lease = await connections.lease('a', {}, newCall());
  await connections.close('a');
  await lease.database.ping(newCall());
  expect(closes).toBe(0);
  lease.release();
  await sleep(10);
  expect(closes).toBe(1);
});

test('a provider that is not there is named', async () => {
  const store = new ProfileStore(directory);
  await profile('a');
  const { id: _, ...rest } = await store.get('a');
  await store.add({ ...rest, id: 'x', name: 'b', provider: 'nosuch' });
  expect(await failure(manager().lease('b', {}, newCall()))).toMatchObject({
    code: 'usage',
    message: expect.stringContaining('nosuch'),
  });
});
