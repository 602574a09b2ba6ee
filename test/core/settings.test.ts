import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DEFAULTS, Settings } from '../../src/core/settings.ts';
import { failure } from './fakeDatabase.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vdb-settings-'));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('defaults, and what the file overrides, with where each comes from', async () => {
  const settings = new Settings(directory);
  expect(await settings.values()).toEqual(DEFAULTS);
  writeFileSync(join(directory, 'config.json'), '{"version":1,"connectionLimit":2}');
  expect(await settings.values()).toEqual({ ...DEFAULTS, connectionLimit: 2 });
  const listed = await settings.list();
  expect(listed).toContainEqual({ key: 'connectionLimit', value: 2, origin: 'file' });
  expect(listed).toContainEqual({ key: 'callQueue', value: 256, origin: 'default' });
});

test.each([
  ['{"version":1,"conectionLimit":2}', 'conectionLimit'],
  ['{"version":1,"connectionLimit":"2"}', 'connectionLimit'],
])('%s is config naming the key', async (text, key) => {
  writeFileSync(join(directory, 'config.json'), text);
  expect(await failure(new Settings(directory).values())).toMatchObject({
    code: 'config',
    message: expect.stringContaining(key),
  });
});
