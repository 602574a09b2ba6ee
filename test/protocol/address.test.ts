import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { VdbError } from '../../src/model/errors.ts';
import { addresses, checkRunDirectory, checkSocket, makeRunDirectory } from '../../src/protocol/address.ts';
import { directories } from '../../src/protocol/directories.ts';

let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vdb-address-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function failure(action: () => unknown): VdbError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(VdbError);
    return error as VdbError;
  }
  throw new Error('nothing was thrown');
}

test('directories: own variables, then XDG, then home; relative XDG paths are ignored', () => {
  const home = { HOME: '/home/ann' };
  expect(directories(home, 'linux')).toEqual({
    configDir: '/home/ann/.config/vdb',
    stateDir: '/home/ann/.local/state/vdb',
  });
  expect(directories({ ...home, XDG_STATE_HOME: '/s', XDG_CONFIG_HOME: 'c' }, 'linux')).toEqual({
    configDir: '/home/ann/.config/vdb',
    stateDir: '/s/vdb',
  });
  expect(directories({ VDB_STATE_DIR: '/a b/', VDB_CONFIG_DIR: '/ü' }, 'linux')).toEqual({
    configDir: '/ü',
    stateDir: '/a b',
  });
  expect(directories(home, 'darwin').stateDir).toBe('/home/ann/Library/Application Support/vdb');
});

test('directories: a relative path or one with a newline is refused', () => {
  expect(failure(() => directories({ HOME: '/h', VDB_STATE_DIR: 'x' })).exit).toBe(78);
  expect(failure(() => directories({ HOME: '/h\n' })).exit).toBe(78);
});

test('the socket is in the state directory, and in /tmp when the path would be too long', () => {
  const [first, second] = addresses('/s', {});
  expect(first!.socket).toMatch(/^\/s\/run\/[0-9a-f]{12}\/vdbd\.sock$/);
  expect(second!.socket).toMatch(/^\/tmp\/vdb-\d+-[0-9a-f]{12}\/vdbd\.sock$/);
  const far = addresses(`/${'ä'.repeat(40)}`, {});
  expect(far).toHaveLength(1);
  expect(far[0]!.directory).toMatch(/^\/tmp\/vdb-/);
  expect(far[0]!.directory).not.toBe(addresses(`/${'ä'.repeat(41)}`, {})[0]!.directory);
  for (const { socket } of [...far, ...addresses(`/${'s'.repeat(71)}`, {})]) {
    expect(Buffer.byteLength(socket)).toBeLessThanOrEqual(103);
  }
});

test('the address depends on no variable of the login session', () => {
  const session = { XDG_RUNTIME_DIR: '/run/user/1', TMPDIR: '/elsewhere', XDG_SESSION_ID: '7' };
  expect(addresses('/s', session)).toEqual(addresses('/s', {}));
});

test('VDB_SOCKET moves the socket and nothing else', () => {
  const [named, ...rest] = addresses('/s', { VDB_SOCKET: '/x/y.sock' });
  expect(rest).toEqual([]);
  expect(named).toMatchObject({ socket: '/x/y.sock', directory: addresses('/s', {})[0]!.directory });
  expect(failure(() => addresses('/s', { VDB_SOCKET: 'y.sock' })).exit).toBe(78);
  expect(failure(() => addresses('/s', { VDB_SOCKET: `/${'x'.repeat(103)}` })).exit).toBe(78);
});

test('a run directory is made 0700, whatever the umask', () => {
  const mask = process.umask(0);
  try {
    const directory = join(root, 'a/b/run');
    makeRunDirectory(directory);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(join(root, 'a')).mode & 0o777).toBe(0o700);
  } finally {
    process.umask(mask);
  }
});

test.each([0o777, 0o770, 0o701, 0o710, 0o740])(
  'a run directory of mode %o is refused with the command that mends it, and not mended',
  mode => {
    const directory = join(root, "it's");
    mkdirSync(directory);
    chmodSync(directory, mode);
    for (const look of [makeRunDirectory, checkRunDirectory]) {
      const error = failure(() => look(directory));
      expect(error).toMatchObject({ code: 'config', exit: 78, details: { reason: 'unsafe_permissions' } });
      expect(error.details.hint).toBe(`Run: chmod 700 '${root}/it'\\''s'`);
    }
    expect(statSync(directory).mode & 0o777).toBe(mode);
  },
);

test('a symbolic link, even to a safe directory, and a file are no run directories', () => {
  mkdirSync(join(root, 'safe'), { mode: 0o700 });
  symlinkSync(join(root, 'safe'), join(root, 'link'));
  writeFileSync(join(root, 'file'), '');
  expect(failure(() => makeRunDirectory(join(root, 'link'))).message).toContain('symbolic link');
  expect(failure(() => makeRunDirectory(join(root, 'file'))).message).toContain('not a directory');
});

test.runIf(process.getuid?.() === 0)('a directory of another user is refused', async () => {
  const { chownSync } = await import('node:fs');
  const directory = join(root, 'bob');
  mkdirSync(directory, { mode: 0o700 });
  chownSync(directory, 65534, 65534);
  expect(failure(() => makeRunDirectory(directory)).message).toContain('belongs to uid 65534');
});

test('a run directory that cannot be is config at once', () => {
  writeFileSync(join(root, 'file'), '');
  symlinkSync(join(root, 'nowhere'), join(root, 'dangling'));
  for (const parent of ['/proc/nope', join(root, 'file'), join(root, 'dangling')]) {
    const error = failure(() => makeRunDirectory(join(parent, 'run')));
    expect(error).toMatchObject({ code: 'config', exit: 78 });
    expect(error.details.hint).toContain('VDB_STATE_DIR');
  }
});

test('what is no socket at the socket’s path is refused and stays', () => {
  const path = join(root, 'vdbd.sock');
  expect(checkSocket(path)).toBe(false);
  writeFileSync(path, 'mine');
  expect(failure(() => checkSocket(path))).toMatchObject({
    exit: 78,
    details: { hint: `Move it away: mv ${path} ${path}.old` },
  });
  expect(existsSync(path)).toBe(true);
});
