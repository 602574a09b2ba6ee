import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type World, withScripts, worlds } from './fixture/world.ts';

withScripts();
const newWorld = worlds();

async function ended(world: World): Promise<void> {
  await world.until(() => world.pids().length === 0);
}

test('SIGTERM lets what runs end, refuses what is new, and leaves no socket', async () => {
  const world = newWorld();
  const daemon = await world.daemon();
  const scan = daemon.call(
    'record.scan',
    { target: {}, limit: 60, where: '100000', with: [] },
    { onItems: () => sleep(20) },
  );
  const { socket, next } = await world.socket();
  socket.write(world.hello());
  await next();
  process.kill(world.pids()[0]!, 'SIGTERM');
  await world.until(() => !existsSync(world.address.socket));
  socket.write('{"jsonrpc":"2.0","id":1,"method":"connection.ping","params":{}}\n');
  expect(await next()).toMatchObject({
    id: 1,
    error: { data: { code: 'busy', reason: 'stopping', outcome: 'not_applied' } },
  });
  expect((await scan).count).toBe(60);
  await ended(world);
  expect(readdirSync(world.address.directory)).toEqual(['lock.1']);
});

test('what does not end within the drain is aborted', async () => {
  const world = newWorld({ VDB_TEST_LIMITS: '{"drainMs":200,"cancelGraceMs":200}' });
  const daemon = await world.daemon();
  const call = daemon.call('record.delete', { target: {}, all: true, dryRun: false }).catch(error => error);
  await daemon.call('connection.ping', {});
  process.kill(world.pids()[0]!, 'SIGTERM');
  expect(await call).toMatchObject({ code: 'busy', details: { reason: 'stopping', outcome: 'unknown' } });
  await ended(world);
});

test('a second signal leaves at once', async () => {
  const world = newWorld();
  const daemon = await world.daemon();
  const call = daemon.call('collection.drop', { target: {}, dryRun: false }).catch(error => error);
  await daemon.call('connection.ping', {});
  const [pid] = world.pids();
  process.kill(pid!, 'SIGTERM');
  await world.until(() => !existsSync(world.address.socket));
  const startedAt = performance.now();
  process.kill(pid!, 'SIGTERM');
  await ended(world);
  expect(performance.now() - startedAt).toBeLessThan(1000);
  expect((await call).code).toBe('unreachable');
});

test('daemon.stop is answered, then the daemon ends; the next command starts another', async () => {
  const world = newWorld();
  const daemon = await world.daemon();
  const [pid] = world.pids();
  expect(await daemon.call('daemon.stop', {})).toEqual({ pid, stopping: true });
  const next = await world.daemon();
  expect((await next.call('daemon.status', {})).pid).not.toBe(pid);
  await world.until(() => world.pids().length === 1);
});

test('SIGUSR1 opens no inspector, SIGHUP and SIGPIPE end nothing', async () => {
  const world = newWorld();
  const daemon = await world.daemon();
  const [pid] = world.pids();
  for (const signal of ['SIGUSR1', 'SIGHUP', 'SIGPIPE'] as const) process.kill(pid!, signal);
  await sleep(300);
  expect(await daemon.call('connection.ping', {})).toHaveLength(1);
  const listening = execFileSync(
    '/bin/sh',
    ['-c', `ls -l /proc/${pid}/fd | grep -o 'socket:.[0-9]*' | tr -dc '0-9\\n'`],
    { encoding: 'utf8' },
  );
  const tcp = execFileSync('cat', ['/proc/net/tcp'], { encoding: 'utf8' });
  const inodes = listening.trim().split('\n');
  expect(inodes.length).toBeGreaterThan(0);
  expect(tcp.split('\n').filter(line => inodes.includes(line.trim().split(/\s+/)[9] ?? ''))).toEqual([]);
});

test('a daemon whose socket was taken away ends, and removes nothing that is not its own', async () => {
  const world = newWorld({ VDB_TEST_LIMITS: '{"watchMs":100}' });
  await world.daemon();
  const { socket } = world.address;
  renameSync(socket, `${socket}.moved`);
  await ended(world);
  expect(existsSync(`${socket}.moved`)).toBe(true);
});

test('a daemon whose run directory was deleted ends, and the next command works', async () => {
  const world = newWorld({ VDB_TEST_LIMITS: '{"watchMs":100}' });
  await world.daemon();
  rmSync(world.address.directory, { recursive: true });
  await ended(world);
  expect((await (await world.daemon()).call('daemon.status', {})).running).toBe(true);
});

test('a daemon that nobody needs ends', async () => {
  const world = newWorld({ VDB_TEST_LIMITS: '{"idleExitMs":300}' });
  const daemon = await world.daemon();
  for (let n = 0; n < 10; n++) {
    await daemon.call('connection.ping', {});
    await sleep(50);
  }
  expect(world.pids()).toHaveLength(1);
  await ended(world);
  expect(world.log).toContain('"reason":"idle"');
});

test('on pipes the same daemon answers without hello, and ends with its input', async () => {
  const world = newWorld();
  const first = await world.daemon({ noDaemon: true });
  const second = await world.daemon({ noDaemon: true });
  const pids = await Promise.all([first, second].map(async daemon => (await daemon.call('daemon.status', {})).pid));
  expect(new Set(pids).size).toBe(2);
  expect(existsSync(world.address.directory)).toBe(false);
  const { count } = await first.call(
    'record.scan',
    { target: {}, limit: 30, where: '100000', with: [] },
    { onItems: () => sleep(5) },
  );
  expect(count).toBe(30);
  await first.close();
  expect(world.pids()).toEqual([pids[1]]);
  const hanging = second.call('record.count', { target: {}, exact: true }).catch(error => error);
  await second.close();
  expect((await hanging).code).toBe('unreachable');
  expect(world.pids()).toEqual([]);
});

test('a child that cannot start says why', async () => {
  const world = newWorld({ VDB_LOG: 'debug' });
  const daemon = await world.daemon({ noDaemon: true, env: { ...world.env, VDB_TEST_LIMITS: '{' } });
  const error = await daemon.call('daemon.status', {}).catch(reason => reason);
  expect(error).toMatchObject({ code: 'internal', exit: 70 });
});

test('a client that dies in the middle of an answer does not hurt the daemon', async () => {
  const world = newWorld();
  const daemon = await world.daemon();
  for (let n = 0; n < 50; n++) {
    const socket = connect(world.address.socket);
    socket.on('error', () => undefined);
    socket.write(world.hello());
    socket.write('{"jsonrpc":"2.0","id":1,"method":"record.scan","params":{"limit":100,"where":"100000"}}\n');
    await new Promise(resolve => socket.once('data', resolve));
    socket.destroy();
  }
  expect(await daemon.call('connection.ping', {})).toHaveLength(1);
  expect(world.pids()).toHaveLength(1);
});

test('an error outside of any call is logged and ends the daemon with 70; the next command starts another', async () => {
  const world = newWorld();
  const daemon = await world.daemon();
  const error = await daemon.call('session.remove', { name: 'a', dryRun: false }).catch(reason => reason);
  expect(error).toMatchObject({ code: 'unreachable', details: { reason: 'reset' } });
  await ended(world);
  expect(world.log).toMatch(/"event":"crashed","error":"Error: out of the blue\\n {4}at /);
  expect((await (await world.daemon()).call('daemon.status', {})).running).toBe(true);
});
