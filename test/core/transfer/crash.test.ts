import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UNSTABLE, unstable } from './fixtures/unstable.ts';
import { CALL, Workbench } from './fixtures/workbench.ts';

const COUNT = 60;
const PROGRAM = join(import.meta.dirname, 'fixtures/runMigration.ts');

let bench: Workbench;
beforeEach(async () => {
  bench = new Workbench();
  await bench.fill('a', 'docs', COUNT);
});
afterEach(() => bench.close());

/** Runs to the fail point, or the end. With one writer, each batch has a journal write of its own. */
function run(
  mode: string,
  failpoint?: string,
  walk = 'stable',
): Promise<{ signal: string | null; code: number | null }> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...(failpoint ? { VDB_FAILPOINT: failpoint } : {}) };
    const concurrency = failpoint?.startsWith('journal') ? '1' : '4';
    const child = spawn(process.execPath, [PROGRAM, bench.root, mode, concurrency, walk], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
}

/** Every record once and equal, whatever happened before. */
async function whole(): Promise<void> {
  const source = await bench.end('a', 'docs');
  const target = await bench.end('b', 'copy');
  expect((await target.database.count!(target.ref, { exact: true }, CALL)).count).toBe(COUNT);
  expect(await bench.fingerprint(target)).toBe(await bench.fingerprint(source));
}

/**
 * Six batches: the points inside the loop at the first, a middle and the last one. The plan reads two pages before them, and
 * the journal has one line before them.
 */
const LOOP = [
  ...['batch.read', 'batch.mapped'].flatMap(point => [3, 5, 8].map(n => `${point}:${n}`)),
  ...['batch.sent', 'batch.acked'].flatMap(point => [1, 3, 6].map(n => `${point}:${n}`)),
  ...['journal.half', 'journal.synced'].flatMap(point => [2, 4, 7].map(n => `${point}:${n}`)),
];
const POINTS = ['job.plan-temp:1', 'job.plan-renamed:1', ...LOOP, 'ranges.done:1', 'verify.half:1', 'result.written:1'];

describe('killed', () => {
  test.each(POINTS)('at %s, a job loses nothing and doubles nothing', async point => {
    const killed = await run('start', `${point}:kill`);
    expect(killed.signal).toBe('SIGKILL');
    const [job] = await bench.store.list();
    if (!job) {
      // Killed before the plan was on disk: there is no job, and nothing was written.
      expect(point).toBe('job.plan-temp:1');
      expect((await run('start')).code).toBe(0);
      return whole();
    }
    expect(job.state).toBe(point.startsWith('result.written') ? 'done' : 'interrupted');
    const result = await bench.resume(job.id, await bench.end('a', 'docs'), await bench.end('b', 'copy'));
    expect(result).toMatchObject({ read: COUNT, written: COUNT, job: job.id, verification: { equal: true } });
    expect((await bench.store.show(job.id)).state).toBe('done');
    // At most concurrency x batch is sent again.
    expect(writes()).toBeLessThanOrEqual(COUNT + 4 * 10);
    await whole();
  });
});

/** The plan reads each of its two pages once more, before the six batches that are fetched. */
const SPOOLED = [
  ...['spool.half:1', 'spool.done:1'],
  ...['batch.read', 'batch.mapped'].flatMap(point => [5, 7, 10].map(n => `${point}:${n}`)),
  ...['batch.acked', 'journal.half'].flatMap(point => [2, 4, 6].map(n => `${point}:${n}`)),
  ...['ranges.done:1', 'verify.half:1'],
];

describe('killed while it copies from a source that cannot be walked stably', () => {
  test.each(SPOOLED)('at %s, a job loses nothing and doubles nothing', async point => {
    expect((await run('start', `${point}:kill`, 'unstable')).signal).toBe('SIGKILL');
    const [job] = await bench.store.list();
    expect(job!.state).toBe('interrupted');
    // The ids are noted: what comes later is not the job's.
    const noted = point !== 'spool.half:1';
    if (noted) await bench.fill('a', 'docs', 3, 1000);
    const source = unstable(await bench.end('a', 'docs', UNSTABLE));
    const result = await bench.resume(job!.id, source, await bench.end('b', 'copy'));
    expect(result).toMatchObject({ read: COUNT, written: COUNT, verification: { equal: true } });
    expect(result.sourceChanged).toBe(noted ? 'yes' : 'unknown');
    expect(writes()).toBeLessThanOrEqual(COUNT + 4 * 10);
    const target = await bench.end('b', 'copy');
    expect((await target.database.count!(target.ref, { exact: true }, CALL)).count).toBe(COUNT);
  });
});

test('a fail point that is passed once more in the resumed run is survived too', async () => {
  await run('start', 'journal.synced:3:kill');
  const [job] = await bench.store.list();
  await run(job!.id, 'batch.acked:1:kill');
  await run(job!.id, 'journal.half:2:kill');
  expect((await run(job!.id)).code).toBe(0);
  await whole();
});

test('a running job is seen as running, and is not taken up twice', async () => {
  const child = spawn(process.execPath, [PROGRAM, bench.root, 'start', '1'], {
    env: { ...process.env, VDB_FAILPOINT: 'none' },
    stdio: 'ignore',
  });
  const ended = new Promise(resolve => child.on('close', resolve));
  const source = await bench.end('a', 'docs');
  const target = await bench.end('b', 'copy');
  let job = (await bench.store.list())[0];
  while (job?.state !== 'running' && child.exitCode === null) job = (await bench.store.list())[0];
  child.kill('SIGSTOP');
  try {
    expect(job?.state).toBe('running');
    await expect(bench.resume(job!.id, source, target)).rejects.toMatchObject({
      code: 'busy',
      details: { reason: 'locked', data: { pid: child.pid } },
    });
    await expect(bench.store.remove(job!.id)).rejects.toMatchObject({ code: 'busy' });
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
  expect((await bench.store.show(job!.id)).state).toBe('interrupted');
  await bench.resume(job!.id, source, target);
  await whole();
});

function writes(): number {
  try {
    return readFileSync(join(bench.root, 'b', 'copy.ndjson'), 'utf8').split('\n').length - 1;
  } catch {
    return 0;
  }
}
