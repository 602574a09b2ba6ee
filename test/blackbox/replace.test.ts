import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { server } from '../servers/server.ts';
import { writeLines } from './records.ts';
import { World } from './world.ts';

const LINES = [0, 1, 2].map(i => `{"id":"${i}","vector":[${i},1],"metadata":{"n":${i}}}`);

async function refusesToReplace(world: World, source: string, target: string): Promise<void> {
  const fingerprint = async () => (await world.json<{ fingerprint: string }>(['fingerprint', source])).fingerprint;
  const before = await fingerprint();
  const { exit, stderr } = await world.run(['migrate', source, target, '--replace', '--yes']);
  expect(stderr).toContain('are the same collection');
  expect(exit).toBe(65);
  expect(await fingerprint()).toBe(before);
}

test('a directory under two names is not replaced by itself', async () => {
  const world = new World();
  mkdirSync(join(world.dir, 'data'));
  symlinkSync(join(world.dir, 'data'), join(world.dir, 'link'));
  await world.ok(['profile', 'add', 'here', '--provider', 'lancedb', '--path', 'data']);
  await world.ok(['profile', 'add', 'there', '--provider', 'lancedb', '--path', 'link']);
  await world.ok(['collection', 'create', 'here/docs', '--dimension', '2', '--metric', 'euclidean']);
  await world.ok(['upsert', 'here/docs', writeLines(join(world.dir, 'three.ndjson'), LINES)]);
  await refusesToReplace(world, 'here/docs', 'there/docs');
});

test('a probe that a crash left in the source is gone when the job is resumed', async () => {
  const world = new World({ testBuild: true });
  mkdirSync(join(world.dir, 'data'));
  symlinkSync(join(world.dir, 'data'), join(world.dir, 'link'));
  await world.ok(['profile', 'add', 'here', '--provider', 'lancedb', '--path', 'data']);
  await world.ok(['profile', 'add', 'there', '--provider', 'lancedb', '--path', 'link']);
  await world.ok(['collection', 'create', 'here/docs', '--dimension', '2', '--metric', 'euclidean']);
  await world.ok(['upsert', 'here/docs', writeLines(join(world.dir, 'three.ndjson'), LINES)]);
  const before = await world.json<{ fingerprint: string }>(['fingerprint', 'here/docs']);
  await world.ok(['daemon', 'stop']);
  const killed = await world.run(['migrate', 'here/docs', 'there/docs', '--replace', '--yes'], {
    env: { VDB_FAILPOINT: 'probe.written:1:kill' },
  });
  expect(killed.exit).toBe(69);
  expect((await world.json<{ count: number }>(['count', 'here/docs', '--exact'])).count, 'the probe is there').toBe(4);
  const [job] = await world.json<{ id: string; state: string }[]>(['job', 'list']);
  const resumed = await world.run(['migrate', '--resume', job!.id]);
  expect(resumed.stderr).toContain('are the same collection');
  expect(resumed.exit).toBe(65);
  const after = await world.json<{ fingerprint: string }>(['fingerprint', 'here/docs']);
  expect(after.fingerprint).toBe(before.fingerprint);
});

const weaviate = server('weaviate');

test.skipIf('absent' in weaviate)('a tenant is not replaced with the class that it is in', async () => {
  if ('absent' in weaviate) return;
  const world = new World();
  world.env.KEY = weaviate.apiKey ?? '';
  const url = new URL(weaviate.url);
  const add = (name: string, host: string) => {
    url.hostname = host;
    const flags = ['--url', url.href, ...(weaviate.grpcPort ? ['--grpc-port', String(weaviate.grpcPort)] : [])];
    const secret = weaviate.apiKey ? ['--secret', 'apiKey=env:KEY'] : [];
    return world.ok(['profile', 'add', name, '--provider', 'weaviate', ...flags, ...secret]);
  };
  await add('here', '127.0.0.1');
  await add('there', 'localhost');
  const name = `Same${process.pid}x${Date.now().toString(36)}`;
  const lines = writeLines(join(world.dir, 'three.ndjson'), LINES);
  const other = writeLines(join(world.dir, 'other.ndjson'), ['{"id":"other","vector":[5,5]}']);
  const create = ['--dimension', '2', '--metric', 'euclidean', '--partitioned'];
  await world.ok(['collection', 'create', `here/${name}`, ...create]);
  try {
    for (const tenant of ['a', 'b']) await world.ok(['partition', 'create', `here/${name}/${tenant}`]);
    await world.ok(['upsert', `here/${name}/a`, other]);
    await world.ok(['upsert', `here/${name}/b`, lines]);
    await refusesToReplace(world, `here/${name}/b`, `there/${name}`);
    await refusesToReplace(world, `here/${name}/b`, `there/${name}/b`);
    await refusesToReplace(world, `here/${name}`, `there/${name}/b`);
    await world.ok(['migrate', `here/${name}/b`, `there/${name}/a`, '--replace', '--yes']);
    expect((await world.json<{ count: number }>(['count', `here/${name}/a`, '--exact'])).count).toBe(3);
  } finally {
    await world.run(['collection', 'drop', `here/${name}`, '--yes']);
  }
});

const postgres = server('postgres');

test.skipIf('absent' in postgres)('a PostgreSQL server under two names is not replaced by itself', async () => {
  if ('absent' in postgres) return;
  const world = new World();
  const url = new URL(postgres.url);
  world.env.PG_SECRET = decodeURIComponent(url.password);
  url.password = '';
  const add = (name: string, host: string, ...options: string[]) => {
    url.hostname = host;
    const secret = ['--secret', 'password=env:PG_SECRET'];
    return world.ok(['profile', 'add', name, '--provider', 'pgvector', '--url', url.href, ...secret, ...options]);
  };
  const table = `same${process.pid}x${Date.now().toString(36)}`;
  await add('here', '127.0.0.1');
  await add('there', 'localhost');
  await add('else', 'localhost', '--schema', table);
  await world.ok(['sql', '-c', 'here', `create schema ${table}`]);
  try {
    await world.ok(['collection', 'create', `here/${table}`, '--dimension', '2', '--metric', 'euclidean']);
    await world.ok(['upsert', `here/${table}`, writeLines(join(world.dir, 'three.ndjson'), LINES)]);
    await refusesToReplace(world, `here/${table}`, `there/${table}`);
    await refusesToReplace(world, `here/${table}`, `there/public.${table}`);
    await refusesToReplace(world, `here/${table}`, `here/public.${table}`);
    await world.ok(['migrate', `here/${table}`, `else/${table}`]);
    await world.ok(['migrate', `here/${table}`, `else/${table}`, '--replace', '--yes']);
    expect((await world.json<{ equal: boolean }>(['verify', `here/${table}`, `else/${table}`])).equal).toBe(true);
    await refusesToReplace(world, `here/${table}.${table}`, `else/${table}`);
  } finally {
    await world.run(['sql', '-c', 'here', `drop schema ${table} cascade`]);
    await world.run(['collection', 'drop', `here/${table}`, '--yes']);
  }
});
