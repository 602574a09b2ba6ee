import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { plainRecords } from './records.ts';
import { type Outcome, World } from './world.ts';

interface Expected {
  exit: number;
  code: string;
  reason?: string;
  retryable: boolean;
  outcome?: string;
  text: RegExp;
}

/** The same failure as a person sees it and as a script does; never a stack trace, never more than three lines. */
async function fails(run: (more: string[]) => Promise<Outcome>, expected: Expected): Promise<void> {
  const text = await run([]);
  expect(text.exit).toBe(expected.exit);
  expect(text.stderr).toMatch(expected.text);
  expect(text.stderr).not.toMatch(/^\s+at |node:internal|\.js:\d+/m);
  expect(text.stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(3);
  const json = await run(['--json']);
  expect(json.exit).toBe(expected.exit);
  const lines = json.stderr.trimEnd().split('\n');
  expect(lines).toHaveLength(1);
  const { error } = JSON.parse(lines[0]!);
  expect(error).toMatchObject({ code: expected.code, exit: expected.exit, retryable: expected.retryable });
  if (expected.reason) expect(error.reason).toBe(expected.reason);
  if (expected.outcome) expect(error.outcome).toBe(expected.outcome);
  for (const key of ['message', 'op', 'requestId', 'attempts', 'elapsedMs', 'outcome'])
    expect(error).toHaveProperty(key);
}

async function lance(records = 0): Promise<World> {
  const world = new World();
  await world.ok(['profile', 'add', 'lance', '--provider', 'lancedb', '--path', 'lance']);
  await world.ok(['collection', 'create', 'lance/docs', '--dimension', '8', '--metric', 'cosine']);
  if (records > 0)
    await world.ok(['upsert', '-', '-c', 'lance', '--collection', 'docs'], {
      input: plainRecords(records, 8).join('\n'),
    });
  return world;
}

test('2: wrong usage, with nothing contacted', async () => {
  const world = new World();
  const expected = { exit: 2, code: 'usage', retryable: false, outcome: 'not_applied' };
  await fails(more => world.run(['qeury', ...more]), { ...expected, text: /qeury[\s\S]*query/ });
  await fails(more => world.run(['scan', 'a/docs', '--where', 'price <', ...more]), {
    ...expected,
    reason: 'syntax',
    text: /\^/,
  });
  expect(world.processes()).toEqual([]);
  expect(existsSync(world.env.VDB_STATE_DIR!)).toBe(false);
});

test('65: invalid input', async () => {
  const world = await lance();
  const upsert = (input: string) => (more: string[]) =>
    world.run(['upsert', '-', '-c', 'lance', '--collection', 'docs', ...more], { input });
  const expected = { exit: 65, code: 'invalid', retryable: false, outcome: 'not_applied' };
  await fails(upsert('{"id":"a","vector":[1,2]}'), {
    ...expected,
    reason: 'dimension_mismatch',
    text: /line 1[\s\S]*8[\s\S]*2|2[\s\S]*8/,
  });
  await fails(upsert('{"id":"a","vector":[1,2,3,4,5,6,7,1e39]}'), {
    ...expected,
    reason: 'not_finite',
    text: /line 1/,
  });
  await fails(upsert('nonsense'), { ...expected, reason: 'syntax', text: /line 1/ });
});

test('66: not found', async () => {
  const world = await lance();
  const expected = { exit: 66, code: 'not_found', retryable: false };
  await fails(more => world.run(['connect', 'nobody', ...more]), { ...expected, text: /nobody/ });
  await fails(more => world.run(['count', 'lance/missing', ...more]), { ...expected, text: /missing/ });
  await fails(more => world.run(['get', 'ghost', '-c', 'lance', '--collection', 'docs', ...more]), {
    ...expected,
    text: /ghost/,
  });
});

test('67: what a database cannot do', async () => {
  const world = await lance();
  await fails(
    more => world.run(['collection', 'create', 'lance/odd', '--dimension', '8', '--metric', 'jaccard', ...more]),
    {
      exit: 67,
      code: 'unsupported',
      retryable: false,
      outcome: 'not_applied',
      text: /jaccard/,
    },
  );
});

test('69: unreachable', async () => {
  const world = new World();
  await world.ok([
    'profile',
    'add',
    'closed',
    '--provider',
    'pgvector',
    '--url',
    'postgres://user@127.0.0.1:2/db',
    '--no-test',
  ]);
  await fails(more => world.run(['ping', 'closed', ...more]), {
    exit: 69,
    code: 'unreachable',
    reason: 'refused',
    retryable: true,
    text: /127\.0\.0\.1:2/,
  });
  await fails(
    more => world.run(['status', '--no-start', ...more], { env: { VDB_STATE_DIR: join(world.dir, 'other') } }),
    {
      exit: 69,
      code: 'unreachable',
      reason: 'not_running',
      retryable: true,
      text: /--no-start/,
    },
  );
});

test('73: refuses to overwrite', async () => {
  const world = await lance(5);
  const expected = { exit: 73, code: 'exists', retryable: false, outcome: 'not_applied' };
  await fails(
    more => world.run(['collection', 'create', 'lance/docs', '--dimension', '8', '--metric', 'cosine', ...more]),
    { ...expected, text: /docs/ },
  );
  await fails(
    more => world.run(['profile', 'add', 'lance', '--provider', 'lancedb', '--path', 'x', '--no-test', ...more]),
    { ...expected, text: /lance/ },
  );
  await world.ok(['migrate', 'lance/docs', 'lance/copy']);
  await fails(more => world.run(['migrate', 'lance/docs', 'lance/copy', ...more]), {
    ...expected,
    reason: 'not_empty',
    text: /copy/,
  });
});

test('74: output cannot be written', async () => {
  const world = await lance(5);
  const run = await world.sh('vdb scan lance/docs -o json > /dev/full');
  expect(run.exit).toBe(74);
  expect(JSON.parse(run.stderr).error).toMatchObject({ code: 'io', exit: 74, reason: 'disk_full' });
  const text = await world.sh('vdb scan lance/docs > /dev/full');
  expect(text.exit).toBe(74);
  expect(text.stderr).toMatch(/standard output/);
});

test('75: a data directory that another daemon holds', async () => {
  const world = new World();
  await world.ok(['profile', 'add', 'pg', '--provider', 'pgvector', '--path', 'pg']);
  await world.ok(['connect', 'pg']);
  const [pid] = world.daemons();
  const env = { VDB_STATE_DIR: join(world.dir, 'other') };
  await fails(more => world.run(['ping', 'pg', ...more], { env }), {
    exit: 75,
    code: 'busy',
    reason: 'locked',
    retryable: true,
    text: new RegExp(String(pid)),
  });
  await world.ok(['daemon', 'stop'], { env });
});

test('77: not allowed', async () => {
  const world = await lance(5);
  const env = { VDB_READ_ONLY: '1' };
  await fails(more => world.run(['delete', 'r000001', '-c', 'lance', '--collection', 'docs', ...more], { env }), {
    exit: 77,
    code: 'denied',
    reason: 'read_only',
    retryable: false,
    outcome: 'not_applied',
    text: /VDB_READ_ONLY/,
  });
  expect(await world.json(['count', 'lance/docs'], { env })).toMatchObject({ count: 5 });
});

test('78: files that cannot be read stay as they are', async () => {
  const world = new World();
  mkdirSync(world.env.VDB_CONFIG_DIR!, { mode: 0o700 });
  const file = join(world.env.VDB_CONFIG_DIR!, 'profiles.json');
  for (const [contents, reason] of [
    ['{"version":1,"profiles":[', 'corrupt'],
    ['{"version":99,"revision":1,"profiles":[]}', 'newer'],
  ] as const) {
    writeFileSync(file, contents, { mode: 0o600 });
    await fails(more => world.run(['profile', 'list', ...more]), {
      exit: 78,
      code: 'config',
      reason,
      retryable: false,
      text: /profiles\.json/,
    });
    await fails(more => world.run(['profile', 'add', 'x', '--provider', 'lancedb', '--path', 'x', ...more]), {
      exit: 78,
      code: 'config',
      reason,
      retryable: false,
      text: /profiles\.json/,
    });
    expect(readFileSync(file, 'utf8')).toBe(contents);
    expect((await world.run(['daemon', 'status'])).exit).toBe(0);
    expect((await world.run(['help'])).exit).toBe(0);
  }
});

test('124: a server that never answers', async () => {
  const world = new World();
  const mute = createServer(socket => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await new Promise(resolve => mute.once('listening', resolve));
  const { port } = mute.address() as AddressInfo;
  await world.ok([
    'profile',
    'add',
    'mute',
    '--provider',
    'pgvector',
    '--url',
    `postgres://user@127.0.0.1:${port}/db`,
    '--no-test',
  ]);
  await fails(more => world.run(['ping', 'mute', '--timeout', '1s', ...more]), {
    exit: 124,
    code: 'timeout',
    retryable: true,
    outcome: 'not_applied',
    text: /no answer from 127\.0\.0\.1:/,
  });
  mute.close();
});

test('20, 130 and 143 as text', async () => {
  const world = await lance(300);
  await world.ok(['migrate', 'lance/docs', 'lance/copy']);
  await world.ok(['delete', 'r000003', '-c', 'lance', '--collection', 'copy']);
  const differs = await world.run(['verify', 'lance/docs', 'lance/copy', '-o', 'table']);
  expect(differs.exit).toBe(20);
  expect(differs.stdout).toMatch(/r000003/);
  for (const [signal, exit] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const run = world.start(['migrate', 'lance/docs', `lance/slow-${exit}`, '--rate', '50', '--batch-bytes', '2000']);
    await new Promise(resolve => setTimeout(resolve, 1500));
    run.kill(signal);
    const result = await run;
    expect(result.exitCode).toBe(exit);
    expect(String(result.stderr)).toMatch(/migrate --resume/);
    expect(String(result.stderr)).not.toMatch(/^\s+at /m);
  }
});
