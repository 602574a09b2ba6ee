import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commandTable.ts';
import { World } from '../blackbox/world.ts';

test.each([
  [['qeury'], /unknown command 'qeury'[\s\S]*query/],
  [['profile', 'lst'], /unknown command 'lst'[\s\S]*list/],
  [['scan', '--wher', 'x'], /unknown option '--wher'[\s\S]*--where/],
  [['--nope'], /unknown option '--nope'/],
  [['query', '--vector'], /argument missing/],
  [['query'], /--vector and --id/],
  [['query', '--vector', 'nonsense'], /not a vector/],
  [['count', 'a/b/c/d'], /CONNECTION/],
  [['count', '-k', '3'], /unknown option '-k'/],
  [['query', '--id', '1', '-k', 'ten'], /whole number/],
  [['scan', '-o', 'yaml'], /ndjson/],
  [['scan', '--timeout', 'soon'], /duration/],
  [['scan', '--with', 'vectors,colour'], /list of parts/],
  [['delete', 'a', '--all'], /exactly one/],
  [['delete', '--where', '', '--yes'], /empty/],
  [['update', '7', '--set', 'a=1', '--where', 'n = 1'], /exactly one/],
  [['update', '7'], /nothing is to be changed/],
  [['update', '7', '--set', 'a'], /KEY=VALUE/],
  [['update', '7', '--set', 'a=1', '--set', 'a=2'], /twice/],
  [['native'], /missing required argument/],
  [['sql', ' '], /empty/],
  [['native', 'x', '--param', 'n=9007199254740993'], /beyond 2\^53/],
  [['partition', 'create', 'prod/docs'], /names no partition/],
  [['partition', 'drop', 'a', '-c', 'x', '--collection', 'y'], /--yes/],
  [['upsert'], /no input/],
  [['migrate', 'a/b', 'c'], /names no collection/],
  [['migrate', 'a/b', 'c/d', '--append', '--replace'], /exclude/],
  [['verify', 'a/b', 'c/d', '--level', 'none'], /level/],
  [['count', '--dry-run'], /no --dry-run/],
  [['rpc', 'daemon.status', '[1]'], /not a JSON object/],
  [['use', 'Not A Name'], /connection name/],
  [['status', '--session', '../x'], /session name/],
  [['collection', 'create', 'c'], /--dimension/],
  [['delete', '--all', '-c', 'a', '--collection', 'b'], /--yes/],
])('%j is wrong usage, and starts nothing', async (args, message) => {
  const world = new World();
  const run = await world.run(args);
  expect(run).toMatchObject({ exit: 2, stdout: '' });
  expect(run.stderr).toMatch(message);
  expect(run.stderr).toMatch(/^vdb: /);
  expect(run.stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(3);
  expect(existsSync(world.env.VDB_STATE_DIR!)).toBe(false);
});

test('help of everything goes to stdout with status 0, and needs no daemon', async () => {
  const world = new World();
  const whole = await world.ok([]);
  for (const { path, summary } of COMMANDS) {
    expect(whole).toContain(path.join(' '));
    expect(whole).toContain(summary);
  }
  expect(await world.ok(['help'])).toBe(whole);
  expect(await world.ok(['--help'])).toBe(whole);
  expect(await world.ok(['profile'])).toContain('profile add');
  const add = await world.ok(['profile', 'add', '--help']);
  expect(add).toMatch(/--id-column/);
  expect(add).not.toMatch(/--password/);
  expect(await world.ok(['help', 'profile', 'add'])).toBe(add);
  expect(await world.ok(['scan', '-h', '--nonsense'])).toMatch(/Usage: vdb scan/);
  for (const topic of ['environment', 'exit-codes', 'filters', 'refs', 'formatting']) {
    expect((await world.ok(['help', topic])).length).toBeGreaterThan(300);
  }
  expect(await world.ok(['help', 'exit-codes'])).toMatch(/75 +busy/);
  expect(await world.ok(['-V'])).toMatch(/^\d+\.\d+\.\d+/);
  expect(existsSync(world.env.VDB_STATE_DIR!)).toBe(false);
});

test('no secret is taken from the command line, and none is repeated', async () => {
  const world = new World();
  const add = ['profile', 'add', 'x', '--provider', 'pgvector'];
  for (const args of [
    ['--host', 'h', '--password', 'hunter2'],
    ['--host', 'h', '--password=hunter2'],
    ['--host', 'h', '--pasword=hunter2'],
    ['--host', 'h', '--secret', 'password=hunter2'],
    ['--host', 'h', '--secret', 'hunter2'],
    ['--url', 'postgres://u:hunter2@h/d'],
    ['--url', 'postgres://h/d?password=hunter2'],
    ['--url', 'postgres://u:hunter2@h:port/d'],
  ]) {
    for (const more of [[], ['--json']]) {
      const run = await world.run([...add, ...args, ...more]);
      expect(run.exit).toBe(2);
      expect(run.stdout + run.stderr).not.toContain('hunter2');
    }
  }
  const hint = await world.run([...add, '--password', 'hunter2']);
  expect(hint.stderr).toContain('--secret password=env:');
});

test('options of another provider are named with those that are right', async () => {
  const world = new World();
  const run = await world.run(['profile', 'add', 'x', '--provider', 'lancedb', '--host', 'h']);
  expect(run.exit).toBe(2);
  expect(run.stderr).toMatch(/--host is not an option of lancedb[\s\S]*--path/);
  const none = await world.run(['profile', 'add', 'x', '--provider', 'pgvector', '--path', 'a', '--host', 'h']);
  expect(none.stderr).toMatch(/one address/);
});
