import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkUnwritable } from '../../../src/core/files/checkUnwritable.ts';

let root: string;
let path: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vdb-unwritable-'));
  mkdirSync(join(root, "it's"), { mode: 0o755 });
  path = join(root, "it's", 'profiles.json');
  writeFileSync(path, '', { mode: 0o644 });
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const refused = (which: string) => ({
  code: 'config',
  exit: 78,
  message: expect.stringContaining(which),
  details: { reason: 'unsafe_permissions' },
});

test('what others may only read is accepted, and so is what does not exist', async () => {
  await checkUnwritable(path);
  await checkUnwritable(join(root, 'none', 'profiles.json'));
  symlinkSync(join(root, 'none'), join(root, 'dangling'));
  await checkUnwritable(join(root, 'dangling'));
});

test.each([0o620, 0o602, 0o666])('a file of mode %o is refused with the command that mends it', async mode => {
  chmodSync(path, mode);
  const error = await checkUnwritable(path).catch(raw => raw);
  expect(error).toMatchObject(refused(path));
  expect(error.details.hint).toBe(`Run: chmod go-w '${root}/it'\\''s/profiles.json'`);
});

test('a link is judged by where it leads, file and directory', async () => {
  const link = join(root, 'link.json');
  symlinkSync(path, link);
  await checkUnwritable(link);
  chmodSync(join(root, "it's"), 0o1777);
  await expect(checkUnwritable(link)).rejects.toMatchObject(refused("it's can be written"));
});

test.runIf(process.getuid?.() === 0)('what belongs to another user is refused', async () => {
  chownSync(path, 65534, 65534);
  await expect(checkUnwritable(path)).rejects.toMatchObject(refused('belongs to uid 65534'));
});
