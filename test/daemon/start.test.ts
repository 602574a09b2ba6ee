import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { VdbError } from '../../src/model/errors.ts';
import { lives, thisOwner, topLock } from '../../src/protocol/owner.ts';
import { scripts, type World, withScripts, worlds } from './fixture/world.ts';

withScripts();
const newWorld = worlds();

async function failure(call: Promise<unknown>): Promise<VdbError> {
  const error = await call.then(
    () => null,
    reason => reason,
  );
  expect(error).toBeInstanceOf(VdbError);
  return error;
}

async function kill(world: World): Promise<void> {
  for (const pid of world.pids()) process.kill(pid, 'SIGKILL');
  await world.until(() => world.pids().length === 0);
}

/** Runs many clients at once; every one must be answered, and by the same daemon. */
async function stampede(world: World, count: number): Promise<string> {
  const runs = await Promise.all(Array.from({ length: count }, () => world.run(scripts.client, [scripts.vdbd])));
  expect(runs.filter(({ status }) => status !== 0)).toEqual([]);
  const pids = new Set(runs.map(({ stdout }) => stdout.trim()));
  expect([...pids]).toHaveLength(1);
  await world.until(() => world.pids().length === 1);
  expect(String(world.pids()[0])).toBe([...pids][0]);
  return [...pids][0]!;
}

test('sixty clients at once find one daemon, on a cold start and on what kill -9 left', async () => {
  const world = newWorld();
  const first = await stampede(world, 60);
  await kill(world);
  expect(existsSync(world.address.socket)).toBe(true);
  expect(await stampede(world, 60)).not.toBe(first);
  const names = readdirSync(world.address.directory).sort();
  expect(names).toEqual([expect.stringMatching(/^lock\.\d+$/), 'token', 'vdbd.sock']);
}, 60_000);

test('the daemon’s files are for its user alone', async () => {
  const world = newWorld();
  await world.daemon();
  const { directory, socket, token } = world.address;
  const modes = [directory, socket, token, join(world.env.VDB_STATE_DIR!, 'vdbd.log'), topLock(directory)!.path];
  expect(modes.map(path => (statSync(path).mode & 0o777).toString(8))).toEqual(['700', '600', '600', '600', '600']);
  const [pid] = world.pids();
  expect(readFileSync(`/proc/${pid}/limits`, 'utf8')).toMatch(/Max core file size +0 +0/);
});

test('a lock whose pid now belongs to another process is superseded', async () => {
  const world = newWorld();
  const { directory } = world.address;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(join(directory, 'lock.7'), JSON.stringify({ ...thisOwner(), startTime: '1' }));
  expect(lives(topLock(directory)!)).toBe(false);
  await world.daemon();
  expect(topLock(directory)).toMatchObject({ number: 8, owner: { pid: world.pids()[0] } });
});

test('a damaged lock is superseded; one of a living process keeps others out', async () => {
  const world = newWorld();
  const { directory } = world.address;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(join(directory, 'lock.1'), '');
  expect(lives(topLock(directory)!)).toBe(false);
  writeFileSync(join(directory, 'lock.2'), JSON.stringify(thisOwner()));
  const { status, stderr } = await world.run(scripts.vdbd);
  expect([status, stderr]).toEqual([75, expect.stringContaining(`another vdbd (pid ${process.pid})`)]);
  const error = await failure(world.daemon({ startDeadlineMs: 300 }));
  expect(error).toMatchObject({ code: 'unreachable', exit: 69, details: { reason: 'start_failed' } });
  expect(error.message).toContain(`pid ${process.pid}`);
});

test('an owner in another pid namespace lives as long as it touches its lock', () => {
  const world = newWorld();
  const { directory } = world.address;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, 'lock.1');
  writeFileSync(path, JSON.stringify({ ...thisOwner(), pidns: 'pid:[1]' }));
  expect(lives(topLock(directory)!)).toBe(true);
  writeFileSync(path, JSON.stringify({ ...thisOwner(), bootId: 'before' }));
  expect(lives(topLock(directory)!)).toBe(false);
});

test('an unsafe run directory is refused by client and daemon, with the command that mends it', async () => {
  const world = newWorld();
  const { directory } = world.address;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o777);
  const error = await failure(world.daemon());
  expect(error).toMatchObject({
    exit: 78,
    details: { reason: 'unsafe_permissions', hint: `Run: chmod 700 ${directory}` },
  });
  const { status, stderr } = await world.run(scripts.vdbd);
  expect([status, stderr]).toEqual([78, expect.stringContaining(`chmod 700 ${directory}`)]);
  expect(statSync(directory).mode & 0o777).toBe(0o777);
  expect(readdirSync(directory)).toEqual([]);
});

test('without --start nothing is started', async () => {
  const world = newWorld();
  const error = await failure(world.daemon({ start: false }));
  expect(error).toMatchObject({ exit: 69, details: { reason: 'not_running' } });
  expect(existsSync(world.env.VDB_STATE_DIR!)).toBe(false);
});

test('what keeps the daemon from starting reaches the person', async () => {
  const world = newWorld();
  const broken = join(world.home, 'broken.mjs');
  writeFileSync(broken, 'process.exit(13)');
  const silent = await failure(world.daemon({ script: broken }));
  expect(silent).toMatchObject({ exit: 69, details: { reason: 'start_failed', cause: 'it ended with 13' } });
  mkdirSync(world.address.directory, { recursive: true, mode: 0o700 });
  writeFileSync(world.address.socket, 'a file');
  expect((await failure(world.daemon())).exit).toBe(78);
  expect(readFileSync(world.address.socket, 'utf8')).toBe('a file');
});

test('a path too long for a socket moves the run directory to /tmp', async () => {
  const world = newWorld();
  world.env.VDB_STATE_DIR = join(world.home, 'd'.repeat(80));
  const daemon = await world.daemon();
  const { socket } = await daemon.call('daemon.status', {});
  expect(socket).toMatch(/^\/tmp\/vdb-\d+-\w+\/vdbd\.sock$/);
});

test('the daemon sees no variable but the allowed ones, and no secret among them', async () => {
  const world = newWorld({
    VDB_ENCRYPTION_KEY: 'canary',
    AWS_SECRET: 'canary',
    PGPASSWORD: 'canary',
    NODE_OPTIONS: '--max-http-header-size=9999',
    TZ: 'UTC',
  });
  await world.daemon();
  const environ = readFileSync(`/proc/${world.pids()[0]}/environ`, 'utf8').split('\0');
  expect(environ.join()).not.toContain('canary');
  expect(environ.map(line => line.split('=')[0]).filter(Boolean)).toEqual(
    expect.arrayContaining(['HOME', 'PATH', 'TZ', 'VDB_CONFIG_DIR', 'VDB_STATE_DIR']),
  );
  expect(environ.join()).not.toContain('NODE_OPTIONS');
});

test('a pipe of the caller is not held open by the daemon it started', async () => {
  const world = newWorld();
  const startedAt = performance.now();
  const shell = spawn(
    '/bin/sh',
    ['-c', `x=$("$0" "$1" "$2" 2>&1); echo "$x"`, process.execPath, scripts.client, scripts.vdbd],
    {
      env: world.env,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let text = '';
  shell.stdout.on('data', chunk => (text += chunk));
  await new Promise(resolve => shell.on('close', resolve));
  expect(performance.now() - startedAt).toBeLessThan(5000);
  expect(Number(text)).toBe(world.pids()[0]);
});

test.each(['--require=./x.cjs', '--import ./x.mjs', '--inspect=0', '--inspect-port=0'])(
  'a daemon does not start with NODE_OPTIONS=%s',
  async options => {
    const world = newWorld();
    writeFileSync(join(world.home, 'x.cjs'), '');
    writeFileSync(join(world.home, 'x.mjs'), '');
    const full = options.replace('./', `${world.home}/`);
    const { status, stderr } = await world.run(scripts.vdbd, ['--stdio'], { NODE_OPTIONS: full });
    expect([status, stderr]).toEqual([78, expect.stringContaining('does not start with the Node.js option')]);
  },
);

test('an unknown argument is a usage error', async () => {
  expect((await newWorld().run(scripts.vdbd, ['--port=1'])).status).toBe(2);
});

test('a newer client replaces an older daemon; an older client is served', async () => {
  const world = newWorld();
  const old = await world.daemon({ script: scripts.old });
  const before = world.pids();
  // The client of this test says 0.0.0-dev, which is newer than that daemon.
  const status = await old.call('daemon.status', {});
  expect(status.version).toBe('0.0.0-alpha');
  // Refused by that daemon, so it waits for the next one like any other call.
  const slow = failure(old.call('record.count', { target: {}, exact: true }));
  const daemon = await world.daemon();
  await daemon.call('connection.ping', {});
  expect((await daemon.call('daemon.status', {})).version).toBe('0.0.0-dev');
  // One more may have been started for the call below, and ends because it lost the claim.
  await world.until(() => world.pids().length === 1);
  expect(world.pids()).not.toEqual(before);
  expect((await slow).code).toBe('timeout');
}, 20_000);

test('with --no-start a newer client is refused instead', async () => {
  const world = newWorld();
  await world.daemon({ script: scripts.old });
  const daemon = await world.daemon({ start: false });
  expect(await failure(daemon.call('connection.ping', {}))).toMatchObject({
    exit: 76,
    details: { reason: 'version_skew' },
  });
  expect(world.pids()).toHaveLength(1);
});

test('a caller with another config or state directory is refused before anything is done', async () => {
  const world = newWorld();
  await world.daemon();
  const config = { ...world.env, VDB_CONFIG_DIR: join(world.home, 'other') };
  const daemon = await world.daemon({ env: config });
  expect(await failure(daemon.call('connection.ping', {}))).toMatchObject({
    exit: 78,
    details: { reason: 'other_directories' },
  });
  const state = { ...world.env, VDB_STATE_DIR: join(world.home, 'else'), VDB_SOCKET: world.address.socket };
  const elsewhere = newWorld(state);
  await elsewhere.daemon({ env: { ...state, VDB_SOCKET: undefined } });
  const stranger = await elsewhere.daemon({ env: state });
  expect(await failure(stranger.call('connection.ping', {}))).toMatchObject({
    exit: 78,
    details: { reason: 'other_directories' },
  });
});

test('a daemon that accepts and says nothing is given up at the deadline', async () => {
  const world = newWorld();
  const { directory, socket, token } = world.address;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(token, 'x');
  const server = createServer(() => undefined).listen(socket);
  try {
    await new Promise(resolve => server.on('listening', resolve));
    const daemon = await world.daemon({ startDeadlineMs: 500 });
    const error = await failure(daemon.call('connection.ping', {}));
    expect(error).toMatchObject({ exit: 69, message: 'the daemon took the connection and does not answer' });
  } finally {
    server.close();
  }
});
