import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Running, startServer, stopServer } from '../servers/launch.ts';
import { describeServer } from '../servers/server.ts';
import { canonical, plainRecords } from './records.ts';
import { type Outcome, World } from './world.ts';

const RECORDS = 600;
const INPUT = `${plainRecords(RECORDS, 16).join('\n')}\n`;
const MIGRATE = ['migrate', 'chroma/docs', 'lance/copy', '--batch-bytes', '20000', '--concurrency', '3', '--json'];
const PER_BATCH = ['batch.read', 'batch.acked', 'journal.half'];

// Chroma's pages move when records are removed, so a job notes all ids first.
describeServer('chroma', () => {
  // A server of its own: arrays of a collection that was dropped turn up in later records of others.
  let own: Running;
  /** As the source holds them. */
  let records: string[];
  /** Pages that the plan reads; batches of the job. */
  let planned: number;
  let batches: number;

  beforeAll(async () => {
    own = await startServer('chroma');
    const world = await newWorld();
    await world.ok(['collection', 'create', 'chroma/docs', '--dimension', '16', '--metric', 'cosine']);
    await world.ok(['upsert', 'chroma/docs', '-'], { input: INPUT });
    records = await scanned(world, 'chroma/docs');
    const { job } = JSON.parse(await world.ok(MIGRATE));
    const { directory } = await world.json(['job', 'show', job]);
    const lines = readFileSync(join(directory, 'journal.ndjson'), 'utf8').split('\n');
    batches = lines.filter(line => line.startsWith('{"range"')).length;
    expect(batches).toBeGreaterThanOrEqual(5);
    expect(existsSync(join(directory, 'ids.ndjson'))).toBe(false);
    planned = await pagesOfPlan();
    await world.end();
  });
  afterAll(async () => void (await stopServer(own)));

  async function newWorld(): Promise<World> {
    const world = new World({ testBuild: true });
    await world.ok(['profile', 'add', 'chroma', '--provider', 'chroma', '--url', own.access.url]);
    await world.ok(['profile', 'add', 'lance', '--provider', 'lancedb', '--path', 'lance']);
    await world.ok(['daemon', 'stop']);
    return world;
  }

  /** How often a page is read before the job begins. */
  async function pagesOfPlan(): Promise<number> {
    for (let n = 1; ; n++) {
      const world = await newWorld();
      await killed(world, `batch.read:${n}`);
      const jobs = await world.json<unknown[]>(['job', 'list']);
      await world.end();
      if (jobs.length > 0) return n - 1;
    }
  }

  /** Runs the migration up to the fail point; the job that is left behind. */
  async function killed(world: World, point: string): Promise<{ run: Outcome; id: string }> {
    const run = await world.run(MIGRATE, { env: { VDB_FAILPOINT: `${point}:kill` } });
    expect(run.exit).toBe(69);
    const jobs = await world.json<{ id: string; state: string }[]>(['job', 'list']);
    return { run, id: jobs[0]?.id ?? '' };
  }

  async function scanned(world: World, ref: string): Promise<string[]> {
    return (await world.ok(['scan', ref, '-o', 'ndjson'])).trimEnd().split('\n').map(canonical).sort();
  }

  const sites = [
    ['spool.half', 'only'],
    ['spool.done', 'only'],
    ...PER_BATCH.flatMap(point => ['first', 'middle', 'last'].map(which => [point, which])),
  ] as [string, 'only' | 'first' | 'middle' | 'last'][];

  test.each(sites)('kill -9 at %s of the %s batch, then resume', async (point, which) => {
    const world = await newWorld();
    // The journal's first line tells that the target was prepared.
    const before = point === 'batch.read' ? planned : point.startsWith('journal.') ? 1 : 0;
    const pass = before + { only: 1, first: 1, middle: Math.ceil(batches / 2), last: batches }[which];
    const { id } = await killed(world, `${point}:${pass}`);
    const { state, directory } = await world.json(['job', 'show', id]);
    expect(state).toBe('interrupted');
    expect(existsSync(join(directory, 'ids.ndjson'))).toBe(true);
    const result = await world.json(['migrate', '--resume', id]);
    expect(result).toMatchObject({ read: RECORDS, written: RECORDS, sourceChanged: 'unknown' });
    expect(result.verification).toMatchObject({ equal: true, equalRecords: RECORDS, different: 0, onlyInTarget: 0 });
    expect(await scanned(world, 'lance/copy')).toEqual(records);
    expect((await world.json(['verify', '--job', id])).equal).toBe(true);
    expect(existsSync(join(directory, 'ids.ndjson'))).toBe(false);
  });

  describe('a source that changes between kill and resume', () => {
    test.each([2, 4])('after %i batches: what still exists arrives, once', async after => {
      const world = await newWorld();
      const source = `docs${after}`;
      // With one writer all that was written is in the journal, so that it stays the job's when the source drops it.
      const migrate = ['migrate', `chroma/${source}`, 'lance/copy', '--batch-bytes', '20000', '--concurrency', '1'];
      await world.ok(['collection', 'create', `chroma/${source}`, '--dimension', '16', '--metric', 'cosine']);
      await world.ok(['upsert', `chroma/${source}`, '-'], { input: INPUT });
      await world.ok(['daemon', 'stop']);
      const run = await world.run([...migrate, '--json'], {
        env: { VDB_FAILPOINT: `journal.synced:${1 + after}:kill` },
      });
      expect(run.exit).toBe(69);
      const copied = await scanned(world, 'lance/copy');
      expect(copied.length).toBeLessThan(RECORDS);
      // All that offsets could be found again by goes, some that was not copied yet, and much comes.
      const [{ id }] = await world.json(['job', 'list']);
      const idOf = (record: string) => JSON.parse(record)[0] as string;
      const there = new Set(copied);
      const early = records.filter(each => there.has(each)).map(idOf);
      const late = records.filter(each => !there.has(each)).map(idOf);
      const gone = [...early.slice(3), ...late.slice(-5), late[Math.floor(late.length / 2)]!];
      await world.ok(['delete', '-c', 'chroma', '--collection', source, ...gone, '--yes']);
      const added = plainRecords(300, 16, 2).map(line => line.replace('"id":"r', '"id":"new'));
      await world.ok(['upsert', `chroma/${source}`, '-'], { input: `${added.join('\n')}\n` });
      const result = await world.json(['migrate', '--resume', id]);
      expect(result.sourceChanged).toBe('yes');
      expect(result.verification.equal).toBe(true);
      const lost = new Set(gone);
      const expected = records.filter(each => there.has(each) || !lost.has(idOf(each)));
      expect(await scanned(world, 'lance/copy')).toEqual(expected);
      expect(result).toMatchObject({ read: expected.length, written: expected.length });
    });
  });
});
