import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { World } from './world.ts';

const SHELLS = 200;

async function stampede(world: World): Promise<void> {
  const runs = await Promise.all(Array.from({ length: SHELLS }, () => world.run(['status', '--json'])));
  const failed = runs.filter(run => run.exit !== 0);
  expect(failed.map(run => run.stderr)).toEqual([]);
  expect(new Set(runs.map(run => JSON.parse(run.stdout).daemon.pid)).size).toBe(1);
  expect(world.daemons()).toHaveLength(1);
}

test(`${SHELLS} shells at once start one daemon, also over a socket left by kill -9`, async () => {
  const world = new World();
  await stampede(world);
  process.kill(world.daemons()[0]!, 'SIGKILL');
  await stampede(world);
});

function findSocket(directory: string): string {
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    if (entry.name === 'vdbd.sock') return join(entry.parentPath, entry.name);
  }
  throw new Error(`no socket below ${directory}`);
}

test('another user gets no answer, whatever became of the modes', async context => {
  if (process.getuid?.() !== 0) return context.skip('needs root, to become another user');
  const world = new World();
  await world.ok(['status']);
  const socket = findSocket(world.env.VDB_STATE_DIR!);
  for (let path = socket; path !== dirname(world.dir); path = dirname(path)) chmodSync(path, 0o777);
  const script = `
    import { connect } from 'node:net';
    process.setgid(65534); process.setuid(65534);
    const socket = connect(process.argv[1]);
    let bytes = 0;
    const method = (id, method, params) => JSON.stringify({ jsonrpc: '2.0', id, method, params }) + '\\n';
    socket.on('connect', () => socket.write(method(0, 'daemon.hello', { token: '0'.repeat(64), protocol: 1 }) + method(1, 'profile.list', { context: { session: 'default', cwd: '/', umask: 18, readOnly: false } })));
    socket.on('data', chunk => { bytes += chunk.includes('"result"') ? chunk.length : 0; });
    socket.on('error', () => {});
    socket.on('close', () => console.log(bytes));
  `;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script, socket], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect(output.trim()).toBe('0');
  expect(statSync(socket).mode & 0o777).toBe(0o777);
  const silent = await new Promise<number>(resolve => {
    let bytes = 0;
    const peer = connect(socket)
      .on('data', chunk => (bytes += chunk.length))
      .on('close', () => resolve(bytes));
    peer.on('error', () => resolve(bytes));
  });
  expect(silent).toBe(0);
  const own = await world.run(['status']);
  expect(own.exit).toBe(78);
  expect(own.stderr).toMatch(/chmod 700/);
  rmSync(socket);
});
