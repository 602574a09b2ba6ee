import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { canonical, plainRecords, random, writeLines } from './records.ts';
import { World } from './world.ts';

/** Passed once per job, or once per batch. */
const ONCE = ['job.plan-temp', 'job.plan-renamed', 'ranges.done', 'verify.half', 'result.written'];
const PER_BATCH = ['batch.read', 'batch.mapped', 'batch.sent', 'batch.acked', 'journal.half', 'journal.synced'];
const RECORDS = 600;
const DIRECTIONS = [
  ['lance', 'pg'],
  ['pg', 'lance'],
] as const;

/** Both databases with the records in a collection `docs` each, made once and copied. */
let template: World;

beforeAll(async () => {
  template = new World({ testBuild: true, keep: true });
  await template.ok(['profile', 'add', 'lance', '--provider', 'lancedb', '--path', 'lance']);
  await template.ok(['profile', 'add', 'pg', '--provider', 'pgvector', '--path', 'pg']);
  const file = writeLines(join(template.dir, 'in.ndjson'), plainRecords(RECORDS, 16));
  for (const name of ['lance', 'pg']) {
    await template.ok(['collection', 'create', `${name}/docs`, '--dimension', '16', '--metric', 'cosine']);
    await template.ok(['upsert', file, '-c', name, '--collection', 'docs']);
  }
  await template.ok(['daemon', 'stop']);
  return () => template.end();
});

/** The template's data in a world of its own. */
async function copy(): Promise<World> {
  const world = new World({ testBuild: true });
  for (const name of ['lance', 'pg']) {
    cpSync(join(template.dir, name), join(world.dir, name), { recursive: true });
    await world.ok([
      'profile',
      'add',
      name,
      '--provider',
      name === 'pg' ? 'pgvector' : 'lancedb',
      '--path',
      name,
      '--no-test',
    ]);
  }
  return world;
}

async function scanned(world: World, ref: string): Promise<string[]> {
  return (await world.ok(['scan', ref, '-o', 'ndjson'])).trimEnd().split('\n').map(canonical).sort();
}

interface Job {
  id: string;
  state: string;
}

/** Brings the job that a kill left behind to its end, and checks that nothing is lost and nothing is there twice. */
async function finish(
  world: World,
  source: string,
  target: string,
  records: number,
  migrate: string[],
): Promise<string> {
  const jobs = await world.json<Job[]>(['job', 'list']);
  const state = jobs[0]?.state ?? 'none';
  const result = jobs.length === 0 ? await world.json(migrate) : await world.json(['migrate', '--resume', jobs[0]!.id]);
  expect(result.verification).toMatchObject({
    equal: true,
    equalRecords: records,
    different: 0,
    onlyInSource: 0,
    onlyInTarget: 0,
  });
  expect(result.read).toBe(records);
  expect(result.written + result.deadLettered + result.filtered + result.preexisting).toBe(records);
  const [from, to] = [await scanned(world, source), await scanned(world, target)];
  expect(to).toEqual(from);
  expect(to).toHaveLength(records);
  expect((await world.json(['verify', '--job', result.job])).equal).toBe(true);
  return state;
}

describe.each(DIRECTIONS)('%s to %s', (from, to) => {
  const migrate = ['migrate', `${from}/docs`, `${to}/copy`, '--batch-bytes', '20000', '--concurrency', '3'];
  const sites = [
    ...ONCE.map(name => [name, 'first']),
    ...PER_BATCH.flatMap(name => ['first', 'middle', 'last'].map(which => [name, which])),
  ] as [string, 'first' | 'middle' | 'last'][];
  let batches: number;

  beforeAll(async () => {
    const world = await copy();
    const { job } = await world.json(migrate);
    const { directory } = await world.json(['job', 'show', job]);
    const lines = readFileSync(join(directory, 'journal.ndjson'), 'utf8').split('\n');
    batches = lines.filter(line => line.startsWith('{"range"')).length;
    await world.end();
    expect(batches).toBeGreaterThanOrEqual(3);
  });

  test.each(sites)('kill -9 at %s of the %s batch, then resume', async (point, which) => {
    const world = await copy();
    await world.ok(['daemon', 'stop']);
    // The journal's first line tells that the target was prepared.
    const before = point.startsWith('journal.') ? 1 : 0;
    const pass = before + { first: 1, middle: Math.ceil(batches / 2), last: batches }[which];
    const killed = await world.run([...migrate, '--json'], {
      env: { VDB_FAILPOINT: `${point}:${ONCE.includes(point) ? 1 : pass}:kill` },
    });
    expect(killed.exit).toBe(69);
    expect(JSON.parse(killed.stderr.trimEnd().split('\n').at(-1)!).error).toMatchObject({
      code: 'unreachable',
      outcome: 'unknown',
    });
    await finish(world, `${from}/docs`, `${to}/copy`, RECORDS, migrate);
  });
});

test.each(DIRECTIONS)('an acknowledgement is lost from %s to %s: no id twice', async (from, to) => {
  const world = await copy();
  await world.ok(['daemon', 'stop']);
  const migrate = ['migrate', `${from}/docs`, `${to}/copy`, '--batch-bytes', '20000', '--concurrency', '3'];
  const failed = await world.run([...migrate, '--json'], { env: { VDB_FAILPOINT: 'batch.acked:2:throw' } });
  expect(failed.exit).not.toBe(0);
  await world.ok(['daemon', 'stop']);
  expect(await finish(world, `${from}/docs`, `${to}/copy`, RECORDS, migrate)).toBe('failed');
});

test.each(['added', 'dropped'])('kill -9 when the wider copy of a LanceDB column was %s', async point => {
  const world = new World({ testBuild: true });
  await world.ok(['profile', 'add', 'lance', '--provider', 'lancedb', '--path', 'lance']);
  await world.ok(['collection', 'create', 'lance/docs', '--dimension', '4', '--metric', 'cosine']);
  const record = (i: number, grows: string) =>
    `{"id":"r${i}","vector":[${i},1,0,0],"metadata":{"grows":${grows},"stays":${i},"beside":${i}.5}}`;
  const integers = Array.from({ length: 200 }, (_, i) =>
    record(i, i % 9 === 0 ? 'null' : String((i % 2 ? 1 : -1) * i)),
  );
  integers.push(record(200, '9007199254740992'), record(201, '-9007199254740992'));
  // Some replace what is there; a whole float must stay one.
  const floats = [record(3, '2.5'), record(4, '4.0'), record(300, '0.1'), record(301, '7')];
  const upsert = (lines: string[], env = {}) =>
    world.run(['upsert', 'lance/docs', '-', '--json'], { input: `${lines.join('\n')}\n`, env });
  const sorted = (lines: string[]) => lines.map(canonical).sort();
  expect((await upsert(integers)).exit).toBe(0);
  await world.ok(['daemon', 'stop']);
  const killed = await upsert(floats, { VDB_FAILPOINT: `lancedb.widen.${point}:1:kill` });
  expect(killed.exit).toBe(69);
  expect(JSON.parse(killed.stderr.trimEnd().split('\n').at(-1)!).error).toMatchObject({ outcome: 'unknown' });
  expect(world.daemons()).toEqual([]);
  // Nothing of the second upsert was acknowledged, and the column is widened before anything of it is written.
  expect(await scanned(world, 'lance/docs')).toEqual(sorted(integers));
  expect(await world.json(['count', 'lance/docs', '--where', 'grows >= 9007199254740992'])).toMatchObject({ count: 1 });
  expect((await upsert(floats)).exit).toBe(0);
  const whole = [...integers.filter((_, i) => i !== 3 && i !== 4), ...floats];
  expect(await scanned(world, 'lance/docs')).toEqual(sorted(whole));
  expect(await world.json(['count', 'lance/docs', '--where', 'grows = 2.5'])).toMatchObject({ count: 1 });
});

const MOMENTS = 12;
test(`kill -9 at ${MOMENTS} random moments of a 4,000 × 64 migration`, { timeout: 600_000 }, async () => {
  const next = random(Number(process.env.VDB_TEST_SEED ?? 20261121));
  let running = 0;
  for (let i = 0; i < MOMENTS; i++) {
    const [from, to] = DIRECTIONS[i % 2]!;
    const world = await copy();
    await world.ok(['collection', 'create', `${from}/big`, '--dimension', '64', '--metric', 'cosine']);
    await world.ok(['upsert', '-', '-c', from, '--collection', 'big'], {
      input: `${plainRecords(4000, 64).join('\n')}\n`,
    });
    const migrate = ['migrate', `${from}/big`, `${to}/copy`, '--batch-bytes', '60000', '--rate', '4000'];
    await world.ok(['count', `${to}/docs`]);
    const [pid] = world.daemons();
    const run = world.start([...migrate, '--json']);
    await new Promise(resolve => setTimeout(resolve, 100 + next() * 1400));
    process.kill(pid!, 'SIGKILL');
    await run;
    const state = await finish(world, `${from}/big`, `${to}/copy`, 4000, migrate);
    if (state === 'interrupted') running++;
    await world.end();
  }
  expect(running).toBeGreaterThanOrEqual(Math.ceil(MOMENTS / 3));
});
