import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkDraft } from '../../../src/core/profiles/checkDraft.ts';
import type { ProfileInput } from '../../../src/core/profiles/profile.ts';
import { ProfileStore } from '../../../src/core/profiles/profileStore.ts';
import type { Manifest } from '../../../src/model/manifest.ts';
import { failure } from '../fakeDatabase.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vdb-profiles-'));
  path = join(directory, 'profiles.json');
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

const input: ProfileInput = {
  name: 'prod',
  provider: 'memory',
  options: { url: 'tcp://db:5432/app' },
  secrets: { password: 'env:PGPASSWORD' },
  tags: [],
  folder: null,
  description: null,
  defaultCollection: null,
};

const manifest: Manifest = {
  provider: 'memory',
  title: 'Memory',
  summary: '',
  options: [
    { name: 'url', type: 'url', help: '' },
    { name: 'path', type: 'path', help: '' },
    { name: 'port', type: 'integer', help: '' },
    { name: 'mode', type: 'string', help: '', choices: ['a', 'b'] },
  ],
  secrets: [{ name: 'password', help: '' }],
  addressedBy: [['url'], ['path']],
};

test('50 adds in parallel, from 5 stores, are 50 profiles in a file of our own', async () => {
  const stores = Array.from({ length: 5 }, () => new ProfileStore(directory));
  await Promise.all(
    Array.from({ length: 50 }, (_, i) => {
      const store = stores[i % 5]!;
      return store.add(store.draft({ ...input, name: `p${i}` }));
    }),
  );
  expect((await stores[0]!.list()).map(({ name }) => name).sort()).toHaveLength(50);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ version: 1, revision: 50 });
});

test('add, find and remove; what exists and what does not', async () => {
  const store = new ProfileStore(directory);
  await store.add(store.draft(input));
  expect(await store.get('prod')).toMatchObject({ name: 'prod', secrets: input.secrets, protected: false });
  expect(await failure(store.add(store.draft(input)))).toMatchObject({ code: 'exists', exit: 73 });
  await store.remove('prod');
  expect(await failure(store.get('prod'))).toMatchObject({ code: 'not_found', exit: 66 });
  expect(await failure(store.remove('prod'))).toMatchObject({ code: 'not_found' });
  expect(JSON.parse(readFileSync(`${path}.bak`, 'utf8')).profiles).toHaveLength(1);
});

test('written by hand, with little and with more than vdb knows', async () => {
  const text = '{"version":1,"mine":true,"profiles":[{"name":"a","provider":"memory","note":"kept"}]}';
  writeFileSync(path, text);
  const store = new ProfileStore(directory);
  expect(await store.get('a')).toMatchObject({ options: {}, tags: [], defaultCollection: null });
  await store.add(store.draft(input));
  const written = JSON.parse(readFileSync(path, 'utf8'));
  expect(written).toMatchObject({ mine: true, profiles: [{ name: 'a', note: 'kept' }, { name: 'prod' }] });
});

test.each([
  '{"version":1}',
  '{"version":1,"profiles":[{"provider":"x"}]}',
  '{"version":1,"profiles":[{"name":"a","provider":"x"},{"name":"a","provider":"x"}]}',
  '{"version":1,"profiles":[{"name":"a","provider":"x","options":{"o":[]}}]}',
  '{"version":1,"profiles":[{"name":"a","provider":"x","secrets":{"password":"hunter2"}}]}',
  '{"version":1,"profiles":[{"name":"a","provider":"x","tags":"t"}]}',
])('%s is refused, never taken for an empty list, and quoted nowhere', async text => {
  writeFileSync(path, text);
  const error = await failure(new ProfileStore(directory).list());
  expect(error).toMatchObject({ code: 'config', details: { reason: 'corrupt' } });
  expect(`${error.message}${error.details.hint}`).not.toContain('hunter2');
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('no secret gets into a profile', () => {
  const refused = (change: Partial<ProfileInput>): void =>
    expect(() => checkDraft({ ...input, ...change }, manifest)).toThrow();
  expect(() => checkDraft(input, manifest)).not.toThrow();
  expect(() =>
    checkDraft({ ...input, options: { url: 'tcp://user@db:5432/app?sslmode=require' } }, manifest),
  ).not.toThrow();
  refused({ options: { url: 'tcp://user:hunter2@db:5432/app' } });
  refused({ options: { url: 'tcp://user:hun@ter2@db:5432/app' } });
  refused({ options: { url: 'tcp://db/app?user=x&password=hunter2' } });
  refused({ options: { url: 'tcp://db', password: 'hunter2' } });
  refused({ secrets: { password: 'hunter2' } });
  refused({ secrets: { token: 'env:X' } });
});

test('options are those of the provider, in one way of addressing', () => {
  const draft =
    (options: ProfileInput['options'], name = 'prod') =>
    () =>
      checkDraft({ ...input, name, options }, manifest);
  expect(draft({ path: '/data' })).not.toThrow();
  expect(draft({ path: '/data', url: 'tcp://db' })).toThrow('more than one way');
  expect(draft({ port: 1 })).toThrow('does not say where');
  expect(draft({ path: '/data', port: '1' })).toThrow('type integer');
  expect(draft({ path: '/data', mode: 'c' })).toThrow('none of a, b');
  expect(draft({ path: '/data', colour: 'red' })).toThrow("no option 'colour'");
  expect(draft({ path: '/da\nta' })).toThrow('line break');
  expect(draft({ path: '/data' }, 'Bad Name')).toThrow('not a profile name');
});
