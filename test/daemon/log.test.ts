import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { Log } from '../../src/daemon/log.ts';

let root = '';
let path = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vdb-log-'));
  path = join(root, 'vdbd.log');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function lines(file = path): Record<string, unknown>[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
}

test('one JSON object a line, readable by its user alone, secrets and stacks as they should be', () => {
  const log = new Log(path);
  log.info('opened', { profile: 'pg', secrets: { password: new Secret('hunter2') }, text: 'two\nlines' });
  log.error('failed', { error: new Error('reason') });
  const [first, second] = lines();
  expect(first).toMatchObject({ level: 'info', event: 'opened', pid: process.pid, secrets: { password: '[secret]' } });
  expect(second!.error).toMatch(/^Error: reason\n {4}at /);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('the level is a floor; an unknown one means info', () => {
  for (const level of ['warn', 'nonsense']) {
    const log = new Log(path, level);
    log.debug('debug');
    log.info('info');
    log.warn('warn');
  }
  expect(lines().map(({ event }) => event)).toEqual(['warn', 'info', 'warn']);
});

test('three files at most, the oldest lines go', () => {
  const log = new Log(path, 'info', 1000);
  for (let n = 0; n < 100; n++) log.info('line', { n });
  expect(readdirSync(root).sort()).toEqual(['vdbd.log', 'vdbd.log.1', 'vdbd.log.2']);
  const kept = ['.2', '.1', ''].flatMap(suffix => lines(path + suffix)).map(({ n }) => n);
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => 100 - kept.length + i));
  for (const suffix of ['', '.1', '.2']) expect(statSync(path + suffix).size).toBeLessThan(1200);
});

test('two processes that rotate one log lose no file of each other', () => {
  const a = new Log(path, 'info', 1000);
  const b = new Log(path, 'info', 1000);
  for (let n = 0; n < 20; n++) {
    a.info('a', { n });
    b.info('b', { n });
  }
  const kept = ['.2', '.1', ''].flatMap(suffix => lines(path + suffix)).length;
  expect(kept).toBeGreaterThan(20);
});

test('reopen goes to the file that has the name now', () => {
  const log = new Log(path);
  log.info('before');
  renameSync(path, `${path}.old`);
  log.reopen();
  log.info('after');
  expect(lines().map(({ event }) => event)).toEqual(['after']);
});

test('a log that cannot be written ends nothing, and says later how much was lost', () => {
  mkdirSync(path);
  const log = new Log(path);
  log.info('lost');
  log.info('lost');
  rmSync(path, { recursive: true });
  log.info('kept');
  expect(lines()).toEqual([expect.objectContaining({ event: 'kept', lostLines: 2 })]);
});

test('a symbolic link is not followed', () => {
  writeFileSync(join(root, 'victim'), '');
  symlinkSync(join(root, 'victim'), path);
  new Log(path).info('x');
  expect(readFileSync(join(root, 'victim'), 'utf8')).toBe('');
});
