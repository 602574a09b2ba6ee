import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockDirectory } from '../../../src/connectors/pgvector/directoryLock.ts';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'vdb-lock-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

test('a lock is given once, and again when it is released', () => {
  const lock = lockDirectory(join(parent, 'db'));
  expect(() => lockDirectory(join(parent, 'db'))).toThrow(`in use by process ${process.pid}`);
  lockDirectory(join(parent, 'other')).release();
  lock.release();
  lockDirectory(join(parent, 'db')).release();
  expect(readdirSync(parent)).toEqual([]);
});

test('a dead owner is superseded, also when its pid was given again', () => {
  const world = ownWorld();
  writeFileSync(join(parent, '.db.lock.3'), JSON.stringify({ pid: process.pid, start: 'before', world }));
  const lock = lockDirectory(join(parent, 'db'));
  expect(readdirSync(parent)).toEqual(['.db.lock.4']);
  lock.release();
});

test('an owner elsewhere counts as alive', () => {
  writeFileSync(join(parent, '.db.lock.1'), JSON.stringify({ pid: 1, start: '1', world: 'other-host pid:[1] boot' }));
  expect(() => lockDirectory(join(parent, 'db'))).toThrow('in use by process 1');
  writeFileSync(join(parent, '.db.lock.2'), JSON.stringify({ pid: 1, start: '1', world: `${hostname()} pid:[1] old` }));
  // Before the last boot of this host.
  lockDirectory(join(parent, 'db')).release();
});

/** As the lock itself writes it. */
function ownWorld(): string {
  const lock = lockDirectory(join(parent, 'probe'));
  const [name] = readdirSync(parent);
  const { world } = JSON.parse(readFileSync(join(parent, name!), 'utf8')) as { world: string };
  lock.release();
  return world;
}
