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
