import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeDirectory } from '../../../src/core/files/makeDirectory.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vdb-make-'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

test('makes what is missing, all of it 0700, and leaves what exists', () => {
  makeDirectory(join(root, 'a', 'b'));
  for (const made of ['a', 'a/b']) expect(statSync(join(root, made)).mode & 0o777).toBe(0o700);
  makeDirectory(join(root, 'a', 'b'), 0o755);
  expect(statSync(join(root, 'a', 'b')).mode & 0o777).toBe(0o700);
  symlinkSync(join(root, 'a'), join(root, 'link'));
  makeDirectory(join(root, 'link', 'c'));
  expect(statSync(join(root, 'a', 'c')).isDirectory()).toBe(true);
});

test('says what stands in the way', () => {
  writeFileSync(join(root, 'file'), '');
  symlinkSync(join(root, 'nowhere'), join(root, 'dangling'));
  symlinkSync(join(root, 'loop'), join(root, 'loop'));
  for (const [path, message] of [
    ['/proc/nope/below', "'/proc/nope' cannot be made: /proc takes no new directories"],
    [join(root, 'file', 'below'), `'${root}/file' is a file, not a directory`],
    [join(root, 'dangling'), `'${root}/dangling' is a symbolic link to a place that does not exist`],
    [join(root, 'loop'), `'${root}/loop' is a symbolic link that leads back to itself`],
    [join(root, 'n'.repeat(300)), `'${root}/${'n'.repeat(300)}' is longer than the system allows`],
  ]) {
    expect(() => makeDirectory(path!)).toThrow(expect.objectContaining({ code: 'config', message }));
  }
});
