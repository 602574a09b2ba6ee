import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { server } from '../servers/server.ts';
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

test('78: a path where no directory can be', async () => {
  const world = new World();
  symlinkSync(join(world.dir, 'nowhere'), join(world.dir, 'dangling'));
  for (const provider of ['lancedb', 'pgvector']) {
    for (const [path, text] of [
      ['/proc/nope/deep', /'\/proc\/nope' cannot be made: \/proc takes no new directories\n\s+hint: Name a directory/],
      ['dangling', /dangling' is a symbolic link to a place that does not exist\n\s+hint: Name a directory/],
      ['/etc/passwd', /'\/etc\/passwd' is a file, not a directory\n\s+hint: Name a directory/],
    ] as const) {
      await fails(more => world.run(['profile', 'add', 'x', '--provider', provider, '--path', path, ...more]), {
        exit: 78,
        code: 'config',
        retryable: false,
        outcome: 'not_applied',
        text,
      });
    }
  }
  expect(await world.json(['profile', 'list'])).toEqual([]);
  for (const name of ['VDB_STATE_DIR', 'VDB_CONFIG_DIR']) {
    const add = ['profile', 'add', 'x', '--provider', 'lancedb', '--path', 'x', '--no-test'];
    await fails(more => world.run([...add, ...more], { env: { [name]: '/proc/nope' }, timeout: 20_000 }), {
      exit: 78,
      code: 'config',
      retryable: false,
      text: /\/proc\/nope/,
    });
    await world.run(['daemon', 'stop']);
  }
});

test('78: settings that others may write', async () => {
  const world = await lance();
  const directory = world.env.VDB_CONFIG_DIR!;
  const settings = join(directory, 'config.json');
  writeFileSync(settings, '{"version":1}', { mode: 0o600 });
  for (const [path, mode, command] of [
    [directory, 0o777, ['profile', 'list']],
    [directory, 0o720, ['count', 'lance/docs']],
    [join(directory, 'profiles.json'), 0o666, ['profile', 'remove', 'lance']],
    [settings, 0o620, ['config', 'show']],
  ] as const) {
    const before = statSync(path).mode;
    chmodSync(path, mode);
    await fails(more => world.run([...command, ...more]), {
      exit: 78,
      code: 'config',
      reason: 'unsafe_permissions',
      retryable: false,
      outcome: 'not_applied',
      text: new RegExp(`${path} can be written by other users.*\n  hint: Run: chmod go-w ${path}$`, 'm'),
    });
    expect(statSync(path).mode & 0o777).toBe(mode);
    for (const served of [['daemon', 'restart'], ['daemon', 'status'], ['help']])
      expect((await world.run(served)).exit).toBe(0);
    chmodSync(path, before);
  }
  expect(await world.json(['count', 'lance/docs'])).toMatchObject({ count: 0 });
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

test('2: an id that stands for nothing', async () => {
  const world = new World();
  const expected = { exit: 2, code: 'usage', retryable: false, outcome: 'not_applied' };
  await fails(more => world.run(['migrate', '--resume', '', ...more]), { ...expected, text: /--resume names no job/ });
  const accept = (ids: string) => (more: string[]) =>
    world.run(['migrate', 'a/docs', 'b/docs', '--accept-loss', ids, ...more]);
  await fails(accept('bogus'), { ...expected, text: /'bogus' is the id of no finding/ });
  await fails(accept('limit.id,field.price'), { ...expected, text: /'field\.price'/ });
  expect(world.processes()).toEqual([]);
  // A finding that this plan need not have: scripts accept what some of their runs lose.
  await fails(accept('limit.id,vector.title.dropped,field.a.b.float_precision'), {
    ...expected,
    exit: 66,
    code: 'not_found',
    text: /'a'/,
  });
});

test('2: what only tests may use is in no release', async () => {
  const world = new World();
  const seven = 'chroma, lancedb, neo4j, pgvector, pinecone, qdrant, weaviate';
  const expected = { exit: 2, code: 'usage', retryable: false, outcome: 'not_applied' };
  const add = ['profile', 'add', 'x', '--provider', 'memory', '--path', 'x'];
  await fails(more => world.run([...add, ...more]), { ...expected, text: new RegExp(`choices are ${seven}$`, 'm') });
  const draft = { name: 'x', provider: 'memory', options: { path: '/x' }, secretSources: {}, tags: [] };
  const rest = { folder: null, description: null, defaultCollection: null, test: false, dryRun: false };
  await fails(more => world.run(['rpc', 'profile.add', JSON.stringify({ ...draft, ...rest }), ...more]), {
    ...expected,
    text: new RegExp(`${seven}\\.$`, 'm'),
  });
  expect(await world.ok(['profile', 'add', '--help'])).not.toMatch(/memory/);
  await world.ok(['daemon', 'stop']);
  const env = { VDB_TEST_LIMITS: '{', VDB_FAILPOINT: 'replaceFile.before-rename' };
  await world.ok(['profile', 'add', 'lance', '--provider', 'lancedb', '--path', 'lance'], { env });

  const tested = new World({ testBuild: true });
  expect((await tested.run(['daemon', 'start'], { env: { VDB_TEST_LIMITS: '{' } })).exit).not.toBe(0);
  await tested.ok(add);
  await tested.ok(['collection', 'create', 'x/docs', '--dimension', '8']);
  await tested.ok(['upsert', 'x/docs', '-'], { input: plainRecords(5, 8).join('\n') });
  expect(await tested.json(['count', 'x/docs'])).toMatchObject({ count: 5 });
  await tested.ok(['daemon', 'stop']);
  expect(await tested.json(['collection', 'list', 'x'])).toEqual([]);
  await tested.ok(['daemon', 'stop']);
  const { exit } = await tested.run(['profile', 'remove', 'x'], { env: { VDB_FAILPOINT: env.VDB_FAILPOINT } });
  expect(exit).toBe(69);
});

test('66: a relative path from a directory that was removed', async () => {
  const world = await lance();
  const gone = join(world.dir, 'gone');
  mkdirSync(gone);
  // The shell itself complains of the directory too, on lines of its own.
  const vdb = async (command: string): Promise<Outcome> => {
    mkdirSync(gone, { recursive: true });
    const run = await world.sh(`rmdir ../gone; vdb ${command}`, { cwd: gone });
    return { ...run, stderr: run.stderr.replace(/^.*getcwd.*\n/gm, '') };
  };
  const expected = { exit: 66, code: 'not_found', retryable: false, outcome: 'not_applied' };
  for (const [command, path] of [
    ['profile add x --provider lancedb --path rel', 'rel'],
    ['profile add x --provider qdrant --host h --no-test --secret apiKey=file:rel', 'rel'],
    ['upsert lance/docs in.ndjson', 'in.ndjson'],
    ['migrate lance/docs lance/copy --plan plan.json', 'plan.json'],
    ['get -c lance --collection docs --ids-from ids.txt', 'ids.txt'],
  ]) {
    await fails(more => vdb(`${command} ${more.join(' ')}`), { ...expected, text: new RegExp(path!) });
  }
  expect((await vdb(`profile add there --provider lancedb --path ${world.dir}/there`)).exit).toBe(0);
  expect((await vdb('count lance/docs')).exit).toBe(0);
});

test('77: a wrong password', async context => {
  const postgres = server('postgres');
  if ('absent' in postgres) return context.skip(`against a real PostgreSQL: ${postgres.absent}`);
  const world = new World({ env: { PG_SECRET: 'wr0ng-pa55word' } });
  const url = new URL(postgres.url);
  url.password = '';
  const add = [
    'profile',
    'add',
    'pg',
    '--provider',
    'pgvector',
    '--url',
    url.href,
    '--secret',
    'password=env:PG_SECRET',
  ];
  const expected = { exit: 77, code: 'denied', reason: 'auth', retryable: false, outcome: 'not_applied' };
  const all: string[] = [];
  const heard = (args: string[]) => async (more: string[]) => {
    const run = await world.run([...args, ...more]);
    all.push(run.stdout, run.stderr);
    return run;
  };
  await fails(heard(add), { ...expected, text: /hint: .*password/ });
  expect(await world.json(['profile', 'list'])).toEqual([]);
  await world.ok([...add, '--no-test']);
  for (const command of [
    ['connect', 'pg'],
    ['ping', 'pg'],
    ['collection', 'list', 'pg'],
    ['profile', 'test', 'pg', '-v'],
  ])
    await fails(heard(command), { ...expected, text: /hint: Check the user and the password\./ });
  all.push(await world.ok(['profile', 'show', 'pg', '--json']), await world.ok(['daemon', 'logs']));
  expect(all.join('')).not.toContain('wr0ng-pa55word');
  const right = { PG_SECRET: decodeURIComponent(new URL(postgres.url).password) };
  expect((await world.run(['ping', 'pg'], { env: right })).exit).toBe(0);
});

/** A state directory on a disk of its own, so small that a test can fill it. Null, and why, where this user may not mount one. */
function smallDisk(world: World): { path: string; fill(): void; free(): void; end(): void } | { refused: string } {
  const path = join(world.dir, 'disk');
  mkdirSync(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m,mode=0700', 'tmpfs', path], { stdio: 'pipe' });
  } catch (error) {
    return { refused: (error as Error).message.trim() };
  }
  const filler = join(path, 'filler');
  return {
    path,
    fill() {
      const descriptor = openSync(filler, 'a');
      try {
        for (;;) writeSync(descriptor, Buffer.alloc(4096));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        closeSync(descriptor);
      }
    },
    free: () => rmSync(filler),
    end: () => void execFileSync('umount', ['-l', path]),
  };
}

test('74: a full disk: no daemon starts, a job stops and goes on when there is space', async context => {
  const world = new World();
  const disk = smallDisk(world);
  if ('refused' in disk) return context.skip(`no small file system could be mounted: ${disk.refused}`);
  try {
    world.env.VDB_STATE_DIR = join(disk.path, 'state');
    const expected = { exit: 74, code: 'io', reason: 'disk_full', retryable: true, outcome: 'not_applied' };
    disk.fill();
    for (const command of [
      ['daemon', 'start'],
      ['profile', 'list'],
    ])
      await fails(more => world.run([...command, ...more]), {
        ...expected,
        text: /no space[\s\S]*hint: Free some space/,
      });
    expect(world.processes()).toEqual([]);
    disk.free();
    // What failed left nothing behind, however often it was tried.
    expect(
      readdirSync(world.env.VDB_STATE_DIR, { recursive: true }).filter(name => /owner/.test(String(name))),
    ).toEqual([]);

    await world.ok(['profile', 'add', 'lance', '--provider', 'lancedb', '--path', 'lance']);
    await world.ok(['collection', 'create', 'lance/docs', '--dimension', '8']);
    await world.ok(['upsert', 'lance/docs', '-'], { input: plainRecords(2000, 8).join('\n') });
    disk.fill();
    await fails(more => world.run(['migrate', 'lance/docs', 'lance/copy', ...more]), {
      ...expected,
      text: /no space is left[\s\S]*hint: Free some space/,
    });
    disk.free();
    expect(await world.json(['job', 'list'])).toEqual([]);

    const slow = ['--batch-bytes', '1000', '--concurrency', '1', '--rate', '200', '--json'];
    const run = world.start(['migrate', 'lance/docs', 'lance/copy', ...slow]);
    const acknowledged = async () => (await world.json<{ done: number }[]>(['job', 'list']))[0]?.done ?? 0;
    const until = Date.now() + 60_000;
    while ((await acknowledged()) === 0 && Date.now() < until) await new Promise(resolve => setTimeout(resolve, 50));
    disk.fill();
    const stopped = await run;
    expect(stopped.exitCode).toBe(74);
    const { error } = JSON.parse(String(stopped.stderr).trimEnd().split('\n').at(-1)!);
    expect(error).toMatchObject({ code: 'io', reason: 'disk_full', exit: 74, retryable: true });
    const [job] = await world.json<{ id: string; state: string; done: number }[]>(['job', 'list']);
    expect(['failed', 'interrupted']).toContain(job!.state);
    expect(error.data.job).toBe(job!.id);
    expect(job!.done).toBeGreaterThan(0);
    expect(job!.done).toBeLessThan(2000);
    disk.free();
    const result = await world.json(['migrate', '--resume', job!.id]);
    expect(result.verification).toMatchObject({ equal: true, equalRecords: 2000, onlyInSource: 0, onlyInTarget: 0 });
    await world.ok(['daemon', 'stop']);
  } finally {
    disk.end();
  }
});
