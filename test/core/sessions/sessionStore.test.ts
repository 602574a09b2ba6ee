import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Events } from '../../../src/core/events/events.ts';
import { SessionStore } from '../../../src/core/sessions/sessionStore.ts';
import { failure } from '../fakeDatabase.ts';

const DAY = 86_400_000;
let directory: string;
let events: Events;

beforeEach(() => {
  events = new Events();
  directory = mkdtempSync(join(tmpdir(), 'vdb-sessions-'));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function store(): SessionStore {
  return new SessionStore(directory, async () => 7 * DAY, events);
}

test('remembers a collection per connection, what was before, and over a restart', async () => {
  await store().use('s', { connection: 'a', collection: 'docs', partition: 'p' });
  await store().use('s', { connection: 'b' });
  expect((await store().get('s')).active).toEqual({ connection: 'b', collection: null, partition: null });
  await store().use('s', { connection: 'a' });
  const state = await store().get('s');
  expect(state.active).toEqual({ connection: 'a', collection: 'docs', partition: 'p' });
  expect(state.previous).toEqual({ connection: 'b', collection: null, partition: null });
  expect((await store().get('other')).active).toBeNull();
});

test('another collection does not keep the partition', async () => {
  await store().use('s', { connection: 'a', collection: 'docs', partition: 'p' });
  await store().use('s', { connection: 'a', collection: 'news' });
  expect((await store().get('s')).active).toEqual({ connection: 'a', collection: 'news', partition: null });
});

test('the first connection becomes active, a later one does not; a closed one is active nowhere', async () => {
  await store().useFirst('s', 'a');
  await store().useFirst('s', 'b');
  expect((await store().get('s')).active?.connection).toBe('a');
  await store().use('t', { connection: 'a' });
  await store().forget('a');
  expect((await store().get('s')).active).toBeNull();
  expect((await store().get('t')).active).toBeNull();
});

test('unused ones expire, the default one does not', async () => {
  for (const name of ['default', 'old', 'new']) await store().use(name, { connection: 'a' });
  const path = join(directory, 'sessions.json');
  const document = JSON.parse(readFileSync(path, 'utf8'));
  const long = new Date(Date.now() - 8 * DAY).toISOString();
  document.sessions.default.lastUsedAt = long;
  document.sessions.old.lastUsedAt = long;
  writeFileSync(path, JSON.stringify(document));
  expect((await store().list()).map(({ name }) => name)).toEqual(['default', 'new']);
  expect((await store().get('old')).active).toBeNull();
  expect(await failure(store().remove('old'))).toMatchObject({ code: 'not_found' });
  // Using the default one again says so, and forgets what expired.
  await store().get('default');
  const after = JSON.parse(readFileSync(path, 'utf8')).sessions;
  expect(Object.keys(after).sort()).toEqual(['default', 'new']);
  expect(Date.now() - Date.parse(after.default.lastUsedAt)).toBeLessThan(60_000);
});

test('a damaged file is config, naming it', async () => {
  writeFileSync(join(directory, 'sessions.json'), '{"version":1,"sessions":{"a":7}}');
  expect(await failure(store().get('a'))).toMatchObject({
    code: 'config',
    message: expect.stringContaining('sessions.json'),
  });
});
