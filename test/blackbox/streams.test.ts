import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
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

test('every command ends by itself with stdin, stdout or stderr closed', async () => {
  const world = await filled(10);
  const commands = [
    'profile list',
    'profile show lance',
    'profile add x --provider lancedb --path x',
    'connect lance',
    'connections',
    'use lance/docs',
    'status',
    'session list',
    'ping',
    'collection list',
    'collection describe docs',
    'collection drop docs',
    'upsert -',
    'get r000001',
    'scan',
    'count',
    'query --id r000001',
    'query --vector -',
    'delete --all',
    'migrate lance/docs lance/other --replace',
    'verify lance/docs lance/docs',
    'fingerprint',
    'job list',
    'daemon status',
    'rpc --list',
    'rpc daemon.status',
    'version',
    'config show',
    'help',
    'help filters',
  ];
  const ends = (command: string, redirect: string) =>
    new Promise<number | null>((resolve, reject) => {
      const child = spawn('sh', ['-c', `exec "$0" ${command} ${redirect}`, world.bin], {
        env: world.env,
        cwd: world.dir,
        stdio: 'ignore',
        timeout: 20_000,
      });
      child.on('exit', (code, signal) =>
        signal ? reject(new Error(`vdb ${command} ${redirect} did not end`)) : resolve(code),
      );
    });
  for (const command of commands) {
    const exit = await ends(command, '<&-');
    expect({ command, known: [0, 2, 65, 66, 73].includes(exit!) }).toEqual({ command, known: true });
  }
  for (const redirect of ['>&-', '2>&-'])
    for (const command of ['status', 'scan', 'help']) await ends(command, redirect);
});
