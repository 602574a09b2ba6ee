import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { World } from '../blackbox/world.ts';

async function prepared(provider = 'lancedb', count = 20): Promise<World> {
  const world = new World();
  await world.ok(['profile', 'add', 'a', '--provider', provider, '--path', join(world.dir, 'data')]);
  await world.ok(['collection', 'create', 'a/docs', '--dimension', '2']);
  const line = (i: number) => `{"id":"r${i}","vector":[1,${i}],"metadata":{"n":${i},"lang":"de"},"document":"d${i}"}`;
  writeFileSync(join(world.dir, 'docs.ndjson'), `${Array.from({ length: count }, (_, i) => line(i)).join('\n')}\n`);
  await world.ok(['upsert', 'a/docs', 'docs.ndjson']);
  return world;
}

test.each(['lancedb', 'pgvector'])('%s: update by id and by filter, values as JSON or text', async provider => {
  const world = await prepared(provider);
  const at = ['-c', 'a', '--collection', 'docs'];
  const set = ['--set', 'seen=true', '--set', 'note=a=b', '--set', 'big=9007199254740993', '--unset', 'lang'];
  expect(await world.json(['update', 'r1', 'r2', ...at, ...set])).toMatchObject({
    connection: 'a',
    collection: 'docs',
    updated: 2,
    rejected: 0,
  });
  const got = await world.ok(['get', 'r1', ...at, '--with', 'metadata,document', '-o', 'ndjson']);
  expect(JSON.parse(got)).toMatchObject({ metadata: { n: 1, seen: true, note: 'a=b' }, document: 'd1' });
  expect(got).toContain('9007199254740993');
  expect(got).not.toContain('lang');
  expect(await world.json(['update', '--where', 'n >= 10', '--set', 'n=0', ...at, '-n'])).toMatchObject({
    matched: 10,
    updated: 0,
  });
  expect(await world.json(['update', '--where', 'n >= 10', '--set', 'n=0', ...at])).toMatchObject({ updated: 10 });
  expect(await world.json(['count', 'a/docs', '--where', 'n = 0'])).toMatchObject({ count: 11 });
  const missing = await world.run(['update', 'r1', 'nosuch', '--set', 'x=1', ...at, '--json']);
  expect(missing).toMatchObject({ exit: 66, stdout: expect.stringContaining('"updated":1') });
  expect(JSON.parse(missing.stderr).error).toMatchObject({ code: 'not_found', outcome: 'partially_applied' });
  const readOnly = await world.run(['update', 'r1', '--set', 'x=1', ...at], { env: { VDB_READ_ONLY: '1' } });
  expect(readOnly.exit).toBe(77);
});

test('native runs a statement and prints its rows in any format; its other words do the same', async () => {
  const world = await prepared('pgvector', 3);
  const text = "select id, metadata -> 'n' as n from docs where id <> $id order by id";
  const rows = '{"id":"r0","n":0}\n{"id":"r2","n":2}\n';
  for (const word of ['native', 'sql', 'cypher']) {
    expect(await world.ok([word, text, '-c', 'a', '--param', 'id=r1'])).toBe(rows);
  }
  expect(await world.ok(['sql', '-', '-c', 'a', '-o', 'csv'], { input: 'select 1 as a, null as b' })).toBe('a,b\n1,\n');
  writeFileSync(join(world.dir, 'q.sql'), 'select 2 as two');
  expect(await world.ok(['sql', '@q.sql', '-c', 'a', '-o', 'table'])).toMatch(/TWO\n2\n/);
  expect(await world.json(['sql', 'select 1 where false', '-c', 'a'])).toEqual([]);
  const wrong = await world.run(['sql', 'selec', '-c', 'a']);
  expect(wrong.exit).toBeGreaterThan(1);
  expect(wrong.stderr).toMatch(/syntax error/);
  expect((await world.run(['sql', 'select 1', '-c', 'a'], { env: { VDB_READ_ONLY: '1' } })).exit).toBe(77);
  expect(await world.ok(['help', 'sql'])).toBe(await world.ok(['native', '--help']));
});

test('events are followed as they happen, until Ctrl-C or the end of the daemon', async () => {
  const world = await prepared();
  const follower = world.start(['events', '--follow', '--type', 'connection', '--type', 'collections']);
  let seen = '';
  follower.stdout!.on('data', chunk => (seen += chunk));
  // Nothing tells when it listens, so something happens until it is seen.
  for (let i = 0; !seen.includes('collections.updated'); i++) {
    expect(i).toBeLessThan(40);
    await world.ok(['collection', 'create', `a/c${i}`, '--dimension', '2']);
  }
  await world.ok(['connect', 'a']);
  await world.ok(['daemon', 'stop']);
  const { exitCode, stderr } = await follower;
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: 'the daemon stopped\n' });
  const types = seen
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line).type);
  expect(types).toContain('connection.opened');
  expect(types.filter(type => !/^(connection|collections)\./.test(type))).toEqual([]);
  const again = world.start(['events', '--follow']);
  await sleep(1_000);
  again.kill('SIGINT');
  const ended = await again;
  expect([ended.exitCode, ended.stderr]).toEqual([130, expect.stringContaining('interrupted by Ctrl-C')]);
});

test('what has happened is printed without following, by type', async () => {
  const world = await prepared();
  await world.ok(['connect', 'a']);
  const opened = await world.json(['events', '--type', 'connection.opened']);
  expect(opened).toMatchObject([{ type: 'connection.opened', session: null, connection: 'a', data: { profile: 'a' } }]);
  expect((await world.json(['events'])).length).toBeGreaterThan(3);
  expect((await world.run(['events', '--type', 'nosuch'])).exit).toBe(2);
});

test.each([
  ['SIGINT', 130, 'interrupted by Ctrl-C'],
  ['SIGTERM', 143, 'interrupted by SIGTERM'],
] as const)('%s in the middle of a scan says so, and nothing else', async (signal, exit, message) => {
  const world = await prepared('lancedb', 20_000);
  const scan = world.start(['scan', 'a/docs', '--json']);
  // Unread, so that it stands still in the middle.
  scan.stdout!.pause();
  await sleep(1_500);
  scan.kill(signal);
  scan.stdout!.resume();
  const { exitCode, stderr } = await scan;
  expect(exitCode).toBe(exit);
  expect(JSON.parse(String(stderr)).error).toMatchObject({ code: 'cancelled', message, exit, reason: 'interrupted' });
});
