import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { replaceFile } from '../../../src/core/files/replaceFile.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vdb-replace-'));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('writes whole files, 0600 in directories 0700, and leaves nothing else', async () => {
  const path = join(directory, 'new', 'a.json');
  await replaceFile(path, 'one');
  await replaceFile(path, 'two');
  expect(readFileSync(path, 'utf8')).toBe('two');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(directory, 'new')).mode & 0o777).toBe(0o700);
  expect(readdirSync(join(directory, 'new'))).toEqual(['a.json']);
});

test('keeps the version before when asked', async () => {
  const path = join(directory, 'a.json');
  for (const text of ['one', 'two', 'three']) await replaceFile(path, text, { backup: true });
  expect(readFileSync(`${path}.bak`, 'utf8')).toBe('two');
  expect(readdirSync(directory).sort()).toEqual(['a.json', 'a.json.bak']);
});

test('a symbolic link stays, its target is replaced', async () => {
  const target = join(directory, 'target.json');
  const path = join(directory, 'a.json');
  writeFileSync(target, 'old');
  symlinkSync(target, path);
  await replaceFile(path, 'new');
  expect(lstatSync(path).isSymbolicLink()).toBe(true);
  expect(readFileSync(target, 'utf8')).toBe('new');
});

test('a directory that is not one is config naming it', async () => {
  writeFileSync(join(directory, 'file'), '');
  await expect(replaceFile(join(directory, 'file', 'a.json'), 'x')).rejects.toMatchObject({
    code: 'config',
    message: `'${directory}/file' is a file, not a directory`,
  });
});

const mountable = process.platform === 'linux' && process.getuid?.() === 0 && canMount();

test.runIf(mountable)('a full disk is io disk_full, and the old file is intact', async () => {
  const disk = join(directory, 'disk');
  execFileSync('mkdir', [disk]);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
  try {
    const path = join(disk, 'a.json');
    await replaceFile(path, 'old');
    for (const bytes of [100_000, 62_000, 1_000_000]) {
      await expect(replaceFile(path, 'x'.repeat(bytes))).rejects.toMatchObject({
        code: 'io',
        details: { reason: 'disk_full' },
        message: expect.stringContaining(path),
      });
      expect(readFileSync(path, 'utf8')).toBe('old');
      expect(readdirSync(disk)).toEqual(['a.json']);
    }
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    await expect(replaceFile(path, 'new')).rejects.toMatchObject({ code: 'io' });
    expect(readFileSync(path, 'utf8')).toBe('old');
  } finally {
    execFileSync('umount', [disk]);
  }
});

function canMount(): boolean {
  const probe = mkdtempSync(join(tmpdir(), 'vdb-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', probe], { stdio: 'ignore' });
    execFileSync('umount', [probe]);
    return true;
  } catch {
    return false;
  } finally {
    if (existsSync(probe)) rmSync(probe, { recursive: true });
  }
}
