import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Daemon } from '../../src/cli/daemonClient.ts';
import { scripts, type World, withScripts, worlds } from './fixture/world.ts';

withScripts();
const newWorld = worlds();

function rssMiB(world: World): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${world.pids()[0]}/status`, 'latin1'))![1]) / 1024;
}

async function milliseconds(daemon: Daemon): Promise<number> {
  const startedAt = performance.now();
  await daemon.call('connection.ping', {});
  return performance.now() - startedAt;
}

test('without the token nothing is answered but a refusal, and the socket is closed', async () => {
  const world = newWorld();
  await world.daemon();
  const firsts = [
    world.hello('0'.repeat(64)),
    world.hello(''),
    world.hello(`${readFileSync(world.address.token, 'utf8')} `),
    '{"jsonrpc":"2.0","id":0,"method":"daemon.hello"}\n',
    '{"jsonrpc":"2.0","id":0,"method":"daemon.hello","params":{"token":{"length":64}}}\n',
    '{"jsonrpc":"2.0","id":0,"method":"daemon.stop","params":{}}\n',
    '{"jsonrpc":"2.0","method":"$/cancel","params":{"id":1}}\n',
  ];
  for (const first of firsts) {
    const { socket, next, closed } = await world.socket();
    socket.write(`${first}{"jsonrpc":"2.0","id":1,"method":"daemon.status","params":{}}\n`);
    expect(await next()).toMatchObject({ id: null, error: { data: { code: 'denied', reason: 'auth' } } });
    expect(await next()).toBeNull();
    await closed;
  }
  expect(world.pids()).toHaveLength(1);
});

test.runIf(process.getuid?.() === 0)(
  'another user gets nothing, even with directory and socket open to all',
  async () => {
    const world = newWorld();
    await world.daemon();
    for (const path of [
      world.home,
      world.env.VDB_STATE_DIR!,
      `${world.env.VDB_STATE_DIR}/run`,
      world.address.directory,
    ])
      chmodSync(path, 0o777);
    chmodSync(world.address.socket, 0o777);
    const program = `
    const { connect } = require('node:net'), { readFileSync } = require('node:fs');
    let token = ''; try { token = readFileSync(${JSON.stringify(world.address.token)}, 'utf8'); } catch {}
    const socket = connect(${JSON.stringify(world.address.socket)});
    socket.write(JSON.stringify({jsonrpc:'2.0',id:0,method:'daemon.hello',params:{token,protocol:1}}) + '\\n{"jsonrpc":"2.0","id":1,"method":"daemon.status"}\\n');
    socket.on('data', chunk => process.stdout.write(chunk)).on('error', () => {});`;
    const child = spawn(process.execPath, ['-e', program], {
      uid: 65534,
      gid: 65534,
      cwd: '/',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', chunk => (text += chunk));
    await new Promise(resolve => child.on('close', resolve));
    expect(JSON.parse(text)).toMatchObject({ id: null, error: { data: { code: 'denied' } } });
  },
);

test.each([
  'nonsense',
  '\xff\xfe',
  '{"jsonrpc":"2.0","id":1,',
  '[]',
  'null',
  '{"jsonrpc":"2.0","id":0,"method":"daemon.hello","params":{"__proto__":{}}}',
  `{"jsonrpc":"2.0","id":0,"method":"daemon.hello","params":${'['.repeat(100)}${']'.repeat(100)}}`,
  'x'.repeat(1024 * 1024),
])('before hello nothing is answered to %.40s', async text => {
  const world = newWorld();
  const daemon = await world.daemon();
  const { socket, next, closed } = await world.socket();
  socket.on('error', () => undefined);
  socket.write(Buffer.from(`${text}\n`, 'latin1'));
  expect(await next()).toBeNull();
  await closed;
  expect(await milliseconds(daemon)).toBeLessThan(1000);
});

test('who does not say hello in time is closed', async () => {
  const world = newWorld({ VDB_TEST_LIMITS: '{"helloMs":100}' });
  await world.daemon();
  const silent = await world.socket();
  const slow = await world.socket();
  slow.socket.write('{"jsonrpc":');
  await Promise.all([silent.closed, slow.closed]);
});

test('a message that does not end is refused at the limit, and costs no memory', async () => {
  const world = newWorld();
  const daemon = await world.daemon();
  await milliseconds(daemon);
  const before = rssMiB(world);
  const known = await world.socket();
  known.socket.write(world.hello());
  await known.next();
  const stranger = await world.socket();
  const piece = Buffer.alloc(1024 * 1024, 'x');
  let sent = 0;
  for (const { socket } of [known, stranger]) {
    for (let n = 0; n < 100 && socket.writable; n++) {
      sent++;
      if (!socket.write(piece)) await sleep(5);
    }
  }
  expect(await known.next()).toMatchObject({ id: null, error: { code: -32600, data: { reason: 'too_large' } } });
  await Promise.all([known.closed, stranger.closed]);
  expect(sent).toBeLessThan(60);
  expect(rssMiB(world) - before).toBeLessThan(40);
  expect(await milliseconds(daemon)).toBeLessThan(1000);
});

test('random bytes close only the socket they came on', async () => {
  const world = newWorld();
  const daemon = await world.daemon();
  const line = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes)),
    fc.json().map(text => Buffer.from(text)),
    fc
      .record({
        jsonrpc: fc.constantFrom('2.0', '1.0'),
        id: fc.oneof(fc.nat(), fc.double(), fc.constant(null), fc.string()),
        method: fc.oneof(
          fc.string(),
          fc.constantFrom('daemon.status', '$/cancel', 'connection.ping', '__proto__', 'constructor'),
        ),
        params: fc.anything({ withNullPrototype: false }),
      })
      .map(request => Buffer.from(JSON.stringify(request))),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 5 }), fc.boolean(), async (lines, greeted) => {
      const socket = connect(world.address.socket);
      const closed = new Promise(resolve => socket.on('close', resolve));
      socket.on('error', () => undefined).resume();
      if (greeted) socket.write(world.hello());
      for (const bytes of lines) socket.write(Buffer.concat([bytes, Buffer.from('\n')]));
      socket.end();
      await closed;
    }),
    { numRuns: 500 },
  );
  expect(await milliseconds(daemon)).toBeLessThan(1000);
  expect(world.pids()).toHaveLength(1);
  expect(world.log).not.toContain('"level":"error"');
});

test.each([
  ['[]', -32600],
  ['[{"jsonrpc":"2.0","id":1,"method":"daemon.status"}]', -32600],
  ['{"jsonrpc":"2.0","method":"daemon.status"}', -32600],
  ['{"jsonrpc":"2.0","id":1.5,"method":"daemon.status"}', -32600],
  ['{"jsonrpc":"2.0","id":{},"method":"daemon.status"}', -32600],
  ['{"jsonrpc":"2.0","id":1,"method":"daemon.status","params":{"__proto__":{}}}', -32600],
  [`{"jsonrpc":"2.0","id":1,"method":"daemon.status","params":${'['.repeat(1000)}${']'.repeat(1000)}}`, -32600],
  ['{"jsonrpc":"2.0","id":1,', -32700],
])('%.50s is refused', async (text, code) => {
  const world = newWorld();
  await world.daemon();
  const { socket, next, closed } = await world.socket();
  socket.write(world.hello());
  await next();
  socket.write(`${text}\n`);
  expect(await next()).toMatchObject({ id: null, error: { code } });
  await closed;
});

test('an id that is in flight already is refused', async () => {
  const world = newWorld();
  await world.daemon();
  const { socket, next } = await world.socket();
  socket.write(world.hello());
  await next();
  socket.write('{"jsonrpc":"2.0","id":7,"method":"record.count","params":{}}\n'.repeat(2));
  const answers = [await next(), await next()];
  expect(answers).toContainEqual(
    expect.objectContaining({ id: null, error: expect.objectContaining({ code: -32600 }) }),
  );
});

test('a thousand silent callers do not keep one that speaks from its answers', async () => {
  const world = newWorld();
  const daemon = await world.daemon();
  const hello = world.hello();
  const sockets = await Promise.all(
    Array.from({ length: 1000 }, async () => {
      const caller = await world.socket();
      caller.socket.write(hello);
      await caller.next();
      return caller;
    }),
  );
  const times: number[] = [];
  for (let n = 0; n < 100; n++) times.push(await milliseconds(daemon));
  times.sort((a, b) => a - b);
  expect(times[98]).toBeLessThan(200);
  expect(sockets.every(({ socket }) => !socket.destroyed)).toBe(true);
});

test('callers beyond the limit are told so, and there is room again when some leave', async () => {
  const world = newWorld({ VDB_TEST_LIMITS: '{"sockets":3}' });
  const daemon = await world.daemon();
  const taken = [await world.socket(), await world.socket()];
  await milliseconds(daemon);
  const { next, closed } = await world.socket();
  expect(await next()).toMatchObject({ id: null, error: { data: { code: 'busy', reason: 'connection_limit' } } });
  await closed;
  for (const { socket } of taken) socket.destroy();
  await sleep(100);
  expect(await milliseconds(await world.daemon())).toBeLessThan(1000);
});

test('who sends requests and never reads is not read any more, and the daemon does not grow', async () => {
  const world = newWorld({ VDB_TEST_LIMITS: '{"backlogBytes":1000000}' });
  const daemon = await world.daemon();
  const socket = connect(world.address.socket);
  socket.on('error', () => undefined);
  socket.write(world.hello());
  const before = rssMiB(world);
  const id = 'i'.repeat(60_000);
  for (let n = 0; n < 2000; n++)
    socket.write(`{"jsonrpc":"2.0","id":"${n}${id}","method":"daemon.status","params":{}}\n`);
  await sleep(1500);
  expect(socket.writableLength).toBeGreaterThan(50_000_000);
  expect(rssMiB(world) - before).toBeLessThan(60);
  expect(await milliseconds(daemon)).toBeLessThan(1000);
  socket.destroy();
}, 15_000);

test('with few descriptors left, callers are refused with words, not dropped', async () => {
  const world = newWorld();
  const child = spawn('/bin/sh', ['-c', 'ulimit -n 100; exec "$0" "$1"', process.execPath, scripts.vdbd], {
    env: world.env,
    stdio: 'ignore',
  });
  try {
    await world.until(() => existsSync(world.address.socket));
    const callers = await Promise.all(Array.from({ length: 90 }, () => world.socket()));
    for (const { socket } of callers) socket.write(world.hello());
    const answers = await Promise.all(callers.map(({ next }) => next()));
    expect(answers.filter(answer => answer?.result).length).toBe(36);
    expect(answers.filter(answer => answer?.error?.data.code === 'busy').length).toBe(54);
  } finally {
    child.kill('SIGKILL');
  }
});
