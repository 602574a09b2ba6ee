import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { type CommandNode, commandTree } from '../../src/cli/commandTree.ts';
import { plainRecords } from './records.ts';
import { World } from './world.ts';

async function filled(records = 5000, dimension = 32): Promise<World> {
  const world = new World();
  await world.ok(['profile', 'add', 'lance', '--provider', 'lancedb', '--path', 'lance']);
  await world.ok(['collection', 'create', 'lance/docs', '--dimension', String(dimension), '--metric', 'cosine']);
  await world.ok(['upsert', '-', '-c', 'lance', '--collection', 'docs'], {
    input: `${plainRecords(records, dimension).join('\n')}\n`,
  });
  return world;
}

function socketOf(world: World): string {
  for (const entry of readdirSync(world.env.VDB_STATE_DIR!, { withFileTypes: true, recursive: true })) {
    if (entry.name === 'vdbd.sock') return join(entry.parentPath, entry.name);
  }
  throw new Error('the daemon has no socket');
}

test('a reader that leaves early ends the command quietly', async () => {
  const world = await filled();
  const run = await world.sh('vdb scan lance/docs | head -1');
  expect(run.stderr).toBe('');
  expect(JSON.parse(run.stdout.split('\n')[0]!).id).toBe('r000000');
  const status = await world.sh('{ vdb scan lance/docs; echo $? >&2; } | head -1 >/dev/null');
  expect(status.stderr.trim()).toBe('0');
});

test('head -1 of a long scan ends long before the scan would', async () => {
  const world = new World();
  await world.ok(['profile', 'add', 'lance', '--provider', 'lancedb', '--path', 'lance']);
  await world.ok(['collection', 'create', 'lance/docs', '--dimension', '128', '--metric', 'cosine']);
  await world.ok(['upsert', 'lance/docs', '-'], { input: `${plainRecords(20_000, 128).join('\n')}\n` });
  const timed = async (script: string) => {
    const started = performance.now();
    const { stdout, stderr, exitCode } = await execa('bash', ['-o', 'pipefail', '-c', script, world.bin], {
      env: world.env,
      extendEnv: false,
      cwd: world.dir,
      stdin: 'ignore',
      reject: false,
    });
    expect({ script, stderr, exitCode }).toEqual({ script, stderr: '', exitCode: 0 });
    return { stdout, ms: performance.now() - started };
  };
  // Twice each, the better one counts: another process may have had the processor.
  const [head, again] = [await timed('"$0" scan lance/docs | head -1'), await timed('"$0" scan lance/docs | head -1')];
  const [whole, wholeAgain] = [
    await timed('"$0" scan lance/docs > /dev/null'),
    await timed('"$0" scan lance/docs > /dev/null'),
  ];
  expect(JSON.parse(head.stdout)).toMatchObject({ id: 'r000000', metadata: { n: 0 } });
  expect(Math.min(head.ms, again.ms)).toBeLessThan(Math.min(whole.ms, wholeAgain.ms) / 2);
});

test('output that cannot be written is 74', async () => {
  const world = await filled(50);
  for (const command of [
    'scan lance/docs',
    'connections --json',
    'profile list',
    'help',
    'version',
    'collection list lance -o table',
  ]) {
    const run = await world.sh(`vdb ${command} > /dev/full`);
    expect({ command, exit: run.exit }).toEqual({ command, exit: 74 });
    expect(run.stderr).toMatch(/ENOSPC|no space/i);
  }
});

test('a result that cannot be printed does not hide that the records are gone', async () => {
  const world = await filled(10);
  const run = await world.sh('vdb delete --all --yes -c lance --collection docs --json > /dev/full');
  expect(run.exit).toBe(74);
  expect(JSON.parse(run.stderr).error).toMatchObject({ code: 'io', outcome: 'applied', retryable: false });
  expect((await world.json(['count', 'lance/docs', '--exact'])).count).toBe(0);
});

test('scan | upsert round-trips', async () => {
  const world = await filled(500);
  await world.ok(['collection', 'create', 'lance/copy', '--dimension', '32', '--metric', 'cosine']);
  const run = await world.sh('vdb scan lance/docs | vdb upsert - -c lance --collection copy');
  expect(run.exit).toBe(0);
  expect((await world.json(['verify', 'lance/docs', 'lance/copy'])).equal).toBe(true);
});

test('Ctrl-C cancels with 130, SIGTERM with 143, and the daemon stays', async () => {
  const world = await filled(2000);
  const [pid] = world.daemons();
  for (const [signal, exit] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const run = world.start([
      'migrate',
      'lance/docs',
      `lance/copy-${exit}`,
      '--rate',
      '200',
      '--batch-bytes',
      '20000',
      '--json',
    ]);
    await new Promise(resolve => setTimeout(resolve, 1500));
    run.kill(signal);
    const result = await run;
    expect(result.exitCode).toBe(exit);
    expect(JSON.parse(String(result.stderr).trimEnd().split('\n').at(-1)!).error).toMatchObject({
      code: 'cancelled',
      exit,
      retryable: true,
    });
    expect(world.daemons()).toEqual([pid]);
    const jobs = await world.json<{ id: string; state: string; target: string }[]>(['job', 'list']);
    const job = jobs.find(candidate => candidate.target === `lance/copy-${exit}`)!;
    expect(job.state).toBe('cancelled');
    expect((await world.json(['migrate', '--resume', job.id])).verification.equal).toBe(true);
  }
});

test('neither random bytes, a 100 MB line nor 1,000 idle sockets hurt the daemon', { timeout: 180_000 }, async () => {
  const world = await filled(10);
  const [pid] = world.daemons();
  const socket = socketOf(world);
  const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
  const before = rss();
  const idle = Array.from({ length: 1000 }, () => connect(socket).on('error', () => {}));
  const ended = (write: (peer: ReturnType<typeof connect>) => void) =>
    new Promise<void>(resolve => {
      const peer = connect(socket, () => write(peer))
        .on('error', () => {})
        .on('close', () => resolve());
      peer.resume();
    });
  await ended(peer => peer.write(Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 7919) & 255))));
  await ended(peer => {
    const token = readFileSync(join(dirname(socket), 'token'), 'utf8').trim();
    peer.write(
      `${JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'daemon.hello', params: { token, protocol: 1 } })}\n`,
    );
    const megabyte = Buffer.alloc(1 << 20, 'x');
    let sent = 0;
    const more = () => {
      while (sent++ < 100) if (!peer.write(megabyte)) return void peer.once('drain', more);
    };
    more();
  });
  expect((await world.run(['status'])).exit).toBe(0);
  expect(world.daemons()).toEqual([pid]);
  expect(rss() - before).toBeLessThan(150);
  for (const peer of idle) peer.destroy();
});

test('a malformed line stops upsert with its number, and what went before is kept', async () => {
  const world = await filled(10);
  const upsert = (input: string, ...more: string[]) =>
    world.run(['upsert', '-', '-c', 'lance', '--collection', 'docs', '--json', ...more], { input });
  const lines = plainRecords(20, 32, 9).map(line => line.replace('"r', '"new'));
  lines[6] = '{"id":"broken"';
  const run = await upsert(`${lines.join('\n')}\n`);
  expect(run.exit).toBe(65);
  expect(JSON.parse(run.stderr).error).toMatchObject({
    code: 'invalid',
    reason: 'syntax',
    outcome: 'partially_applied',
    data: { line: 7, upserted: 6 },
  });
  expect(await world.json(['count', 'lance/docs'])).toMatchObject({ count: 16 });
  const tolerant = await upsert(`${lines.join('\r\n')}`, '--max-errors', '3');
  expect(tolerant.exit).toBe(22);
  expect(JSON.parse(tolerant.stdout)).toMatchObject({ upserted: 19, rejected: 1 });
  const huge = await upsert(`{"id":"huge","vector":[${Array(32).fill(1)}],"document":"${'x'.repeat(100 << 20)}"}\n`);
  expect(huge.exit).toBe(65);
  expect(JSON.parse(huge.stderr).error).toMatchObject({ code: 'invalid', reason: 'too_large' });
  expect((await world.run(['status'])).exit).toBe(0);
});

test('of an id given twice the later record wins, however far apart they are', async () => {
  const world = await filled(10);
  const lines = (tag: string) =>
    plainRecords(6000, 32, 3).map(line => line.replace('"metadata":{', `"metadata":{"given":"${tag}",`));
  const filler = plainRecords(9000, 32, 4).map(line => line.replace('"id":"r', '"id":"filler'));
  const input = `${[...lines('first'), ...filler, ...lines('second')].join('\n')}\n`;
  expect(input.length).toBeGreaterThan(9 << 20);
  await world.ok(['upsert', 'lance/docs', '-'], { input });
  expect(await world.json(['count', 'lance/docs', '--exact', '--where', 'given = "second"'])).toMatchObject({
    count: 6000,
  });
  const bad = [
    ...plainRecords(9000, 32, 5).map(line => line.replace('"id":"r', '"id":"before')),
    'broken',
    ...plainRecords(9000, 32, 6).map(line => line.replace('"id":"r', '"id":"behind')),
  ];
  const run = await world.run(['upsert', 'lance/docs', '-', '--json'], { input: `${bad.join('\n')}\n` });
  expect(JSON.parse(run.stderr.trimEnd().split('\n').at(-1)!).error).toMatchObject({
    data: { line: 9001, upserted: 9000 },
  });
  expect(await world.json(['count', 'lance/docs'])).toMatchObject({ count: 6000 + 9000 + 9000 });
});

/**
 * What to type of each command, and how it must end, in an order in which each finds what it needs. JOB stands for a job's id.
 * Where a question could be asked there are both: without an answer, and with --yes.
 */
const TYPED: Record<string, [rest: string, exit: number][]> = {
  'profile add': [['added --provider lancedb --path added', 0]],
  'profile list': [['', 0]],
  'profile show': [['lance', 0]],
  'profile test': [
    ['lance', 0],
    ['locked', 2],
  ],
  'profile remove': [['added', 0]],
  connect: [
    ['lance', 0],
    ['locked', 2],
  ],
  connections: [['', 0]],
  use: [['lance/docs', 0]],
  status: [['', 0]],
  'session list': [['', 0]],
  'session remove': [['other', 66]],
  ping: [
    ['', 0],
    ['locked', 2],
  ],
  events: [['', 0]],
  'collection list': [['', 0]],
  'collection create': [['made --dimension 8', 0]],
  'collection describe': [['docs', 0]],
  'collection drop': [
    ['made', 2],
    ['made --yes', 0],
  ],
  'partition list': [['lance/docs', 67]],
  'partition create': [['lance/docs/part', 67]],
  'partition drop': [
    ['lance/docs/part', 2],
    ['lance/docs/part --yes', 67],
  ],
  query: [
    ['--id r000001', 0],
    ['--vector -', 2],
  ],
  get: [
    ['r000001', 0],
    ['--ids-from -', 2],
  ],
  scan: [['', 0]],
  count: [['', 0]],
  upsert: [
    ['-', 0],
    ['', 2],
  ],
  update: [['r000001 --set a=1', 0]],
  delete: [
    ['r000001', 0],
    ['--where "n = 2"', 2],
    ['--where "n = 2" --yes', 0],
    ['--all', 2],
  ],
  native: [
    ['-c lance select', 67],
    ['-c pg -', 2],
  ],
  migrate: [
    ['lance/docs lance/copy', 0],
    ['lance/docs lance/copy --replace', 2],
    ['lance/docs lance/other --plan -', 65],
    ['--resume JOB', 0],
  ],
  verify: [
    ['lance/docs lance/copy', 0],
    // Records were changed and deleted since.
    ['--job JOB', 20],
  ],
  fingerprint: [['', 0]],
  'job list': [['', 0]],
  'job show': [['JOB', 0]],
  'job resume': [['JOB', 0]],
  'job remove': [['JOB', 0]],
  disconnect: [['lance', 0]],
  rpc: [
    ['--list', 0],
    ['daemon.status', 0],
    ['daemon.status -', 2],
  ],
  'config show': [['', 0]],
  version: [['', 0]],
  help: [
    ['', 0],
    ['filters', 0],
  ],
  demo: [['', 0]],
  'daemon status': [['', 0]],
  'daemon logs': [['', 0]],
  // One runs already; alone it goes on until it is stopped.
  'daemon run': [['', 75]],
  'daemon restart': [['', 0]],
  'daemon stop': [['', 0]],
  'daemon start': [['', 0]],
};

test('every command of the tree is in the list of those that must end by themselves', async () => {
  const leaves = (node: CommandNode): string[] =>
    node.commands.length === 0 ? [node.path.join(' ')] : node.commands.flatMap(leaves);
  expect(Object.keys(TYPED).sort()).toEqual(leaves(await commandTree()).sort());
});

/** Runs it as a shell does; fails when it does not end. */
function ends(world: World, command: string, redirect: string): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', `exec "$0" ${command} ${redirect}`, world.bin], {
      env: world.env,
      cwd: world.dir,
      stdio: 'ignore',
      timeout: 100_000,
    });
    child.on('exit', (code, signal) =>
      signal ? reject(new Error(`vdb ${command} ${redirect} did not end`)) : resolve(code),
    );
  });
}

test.each(['</dev/null', '<&-'])('every command ends by itself with %s', { timeout: 480_000 }, async redirect => {
  const world = await filled(10, 8);
  await world.ok(['profile', 'add', 'pg', '--provider', 'pgvector', '--path', 'pg']);
  const closed = ['--url', 'postgres://user@127.0.0.1:2/db', '--prompt', '--no-test'];
  await world.ok(['profile', 'add', 'locked', '--provider', 'pgvector', ...closed]);
  const { job } = await world.json(['migrate', 'lance/docs', 'lance/done']);
  const got: [string, number | null][] = [];
  const wanted: typeof got = [];
  for (const [path, variants] of Object.entries(TYPED)) {
    for (const [rest, exit] of variants) {
      const command = `${path} ${rest}`.trimEnd().replace('JOB', job);
      wanted.push([command, exit]);
      got.push([command, await ends(world, command, redirect)]);
    }
  }
  expect(got).toEqual(wanted);
});

test('a closed stdout or stderr ends no command otherwise than by its status', async () => {
  const world = await filled(10);
  for (const command of ['status', 'scan lance/docs', 'help']) {
    expect([command, await ends(world, command, '>&-')]).toEqual([command, 74]);
    expect([command, await ends(world, command, '2>&-')]).toEqual([command, 0]);
  }
});
