import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withFileLock } from '../../../src/core/files/fileLock.ts';
import { StateFile } from '../../../src/core/files/stateFile.ts';

interface Counter {
  version: 1;
  revision?: number;
  count: number;
}

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vdb-state-'));
  path = join(directory, 'counter.json');
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function counter(): StateFile<Counter> {
  return new StateFile<Counter>(path, {
    what: 'counter',
    empty: { version: 1, count: 0 },
    check: ({ count }) => {
      if (typeof count !== 'number') throw new Error('"count" is not a number');
    },
  });
}

const INCREMENTER = resolve(import.meta.dirname, 'incrementer.ts');

function incrementer(times: number): { child: ChildProcess; acknowledged: Promise<number> } {
  const child = spawn(process.execPath, [INCREMENTER, path, String(times)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let count = 0;
  child.stdout!.on('data', (chunk: Buffer) => (count += chunk.length));
  return { child, acknowledged: new Promise(done => child.on('close', () => done(count))) };
}

test('8 processes lose no update, and killed ones tear nothing', async () => {
  const steady = Array.from({ length: 4 }, () => incrementer(100));
  const doomed = Array.from({ length: 4 }, () => incrementer(100_000));
  for (const { child } of doomed) {
    await new Promise(done => setTimeout(done, 400 + Math.random() * 300));
    child.kill('SIGKILL');
  }
  const acknowledged = (await Promise.all([...steady, ...doomed].map(each => each.acknowledged))).reduce(
    (a, b) => a + b,
    0,
  );
  const { count, revision } = JSON.parse(readFileSync(path, 'utf8'));
  // What was killed between writing and saying so may have counted.
  expect(count).toBeGreaterThanOrEqual(acknowledged);
  expect(count).toBeLessThanOrEqual(acknowledged + doomed.length);
  expect(revision).toBe(count);
  expect(acknowledged).toBeGreaterThanOrEqual(400);
}, 30_000);

test('calls of one process take turns', async () => {
  const file = counter();
  await Promise.all(Array.from({ length: 50 }, () => file.update(document => document.count++)));
  expect((await file.read()).count).toBe(50);
});

test('sees what others wrote, and writes nothing when nothing changes', async () => {
  const [one, two] = [counter(), counter()];
  await one.update(document => document.count++);
  expect((await two.read()).count).toBe(1);
  writeFileSync(path, '{"version":1,"count":41,"mine":"kept"}');
  await one.update(document => document.count++);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ version: 1, count: 42, mine: 'kept', revision: 1 });
  const before = statSync(path, { bigint: true }).mtimeNs;
  await two.update(() => undefined);
  expect(statSync(path, { bigint: true }).mtimeNs).toBe(before);
});

test.each([
  ['', 'corrupt'],
  ['{', 'corrupt'],
  ['\ufeff{"version":1,"count":1}', 'corrupt'],
  ['[]', 'corrupt'],
  ['{"version":1,"count":"x"}', 'corrupt'],
  ['{"count":1}', 'corrupt'],
  ['{"version":2,"count":1}', 'newer'],
])('%j is refused as %s and stays as it is', async (text, reason) => {
  writeFileSync(path, text);
  const refusal = { code: 'config', details: { reason }, message: expect.stringContaining(path) };
  await expect(counter().read()).rejects.toMatchObject(refusal);
  await expect(counter().update(document => document.count++)).rejects.toMatchObject(refusal);
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('an error in the change leaves the file alone, and the lock free', async () => {
  const file = counter();
  await expect(
    file.update(() => {
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  await file.update(document => document.count++);
  expect((await file.read()).count).toBe(1);
});

test('a lock that is held is busy with the pid of its owner, until the owner dies', async () => {
  const holder = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { withFileLock } from ${JSON.stringify(resolve('src/core/files/fileLock.ts'))};
       setInterval(() => undefined, 1000);
       await withFileLock(${JSON.stringify(path)}, () => { process.stdout.write('held'); return new Promise(() => undefined); });`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await new Promise(done => holder.stdout.once('data', done));
  await expect(withFileLock(path, async () => undefined, 100)).rejects.toMatchObject({
    code: 'busy',
    details: { reason: 'locked', data: { pid: holder.pid } },
  });
  const taken = withFileLock(path, async () => 'taken', 5_000);
  holder.kill('SIGKILL');
  expect(await taken).toBe('taken');
});
