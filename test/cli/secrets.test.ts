import { writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { World } from '../blackbox/world.ts';

/** A PostgreSQL server that asks for a clear-text password and notes what it was told. */
async function listener(): Promise<{ port: number; heard: string[]; close(): void }> {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on('error', () => sockets.delete(socket));
    socket.on('data', data => {
      if (data[0] === 0x70) {
        heard.push(data.toString('utf8', 5, data.length - 1));
        const fields = 'SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed\0\0';
        const message = Buffer.alloc(5);
        message.write('E');
        message.writeInt32BE(fields.length + 4, 1);
        socket.end(Buffer.concat([message, Buffer.from(fields)]));
      } else if (data.readInt32BE(4) === 80877103) socket.write('N');
      else socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]));
    });
  }).listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port: (server.address() as { port: number }).port, heard, close };
}

test('a secret comes from where the profile says, exactly, and shows up nowhere', async () => {
  const world = new World();
  const server = await listener();
  const secret = ' pässword "with" $everything \\ ';
  writeFileSync(join(world.dir, 'secret.txt'), `${secret}\n`, { mode: 0o600 });
  const env = { MY_SECRET: secret };
  const sources = {
    byenv: 'env:MY_SECRET',
    bycmd: 'cmd:printf "%s\\n" "$MY_SECRET"; echo said >&2',
    byfile: 'file:secret.txt',
  };
  try {
    for (const [name, source] of Object.entries(sources)) {
      const at = ['--host', '127.0.0.1', '--port', String(server.port)];
      await world.ok([
        'profile',
        'add',
        name,
        '--provider',
        'pgvector',
        ...at,
        '--secret',
        `password=${source}`,
        '--no-test',
      ]);
      const run = await world.run(['ping', name, '--json', '-v'], { env });
      expect(run.exit).toBe(77);
      expect(server.heard.at(-1)).toBe(secret);
      expect(run.stdout + run.stderr).not.toContain('pässword');
      expect(run.stderr.includes('said')).toBe(name === 'bycmd');
      expect(await world.ok(['profile', 'show', name])).not.toContain('pässword');
    }
    expect(await world.ok(['daemon', 'logs'])).not.toContain('pässword');
  } finally {
    server.close();
  }
});

test('a secret that cannot be had says why, and how; none is asked for without a terminal', async () => {
  const world = new World();
  const add = ['profile', 'add', '--provider', 'pgvector', '--host', '127.0.0.1', '--port', '1', '--no-test'];
  const cases: [string, string[], number, RegExp][] = [
    ['noenv', ['--secret', 'password=env:NOT_SET'], 77, /NOT_SET is not set/],
    ['nofile', ['--secret', 'password=file:/nowhere/secret'], 77, /ENOENT/],
    ['failing', ['--secret', 'password=cmd:exit 3'], 77, /ended with 3/],
    ['empty', ['--secret', 'password=cmd:true'], 77, /empty/],
    ['asked', ['--prompt'], 2, /--secret password=/],
  ];
  for (const [name, args, exit, message] of cases) {
    await world.ok([...add, name, ...args]);
    const run = await world.run(['ping', name]);
    expect(run).toMatchObject({ exit, stdout: '' });
    expect(run.stderr).toMatch(message);
    expect(JSON.parse((await world.run(['ping', name, '--json'])).stderr).error).toMatchObject({
      reason: 'needs_secret',
    });
  }
});
