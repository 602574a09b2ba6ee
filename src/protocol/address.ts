import { lstatSync, type Stats } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { VdbError } from '../model/errors.ts';
import type { Environment } from './directories.ts';
import { makeDirectory } from './makeDirectory.ts';

/** Where a daemon is found: its run directory and its socket. */
export interface Address {
  /** 0700: `token`, `lock.N` and, unless `VDB_SOCKET` moves it, the socket. */
  directory: string;
  socket: string;
  token: string;
  /** `VDB_SOCKET` named the socket. */
  named: boolean;
}

/** macOS allows 103 bytes, Linux 107; Node binds longer paths cut off, without an error. */
export const SOCKET_PATH_BYTES = 103;

/**
 * The places to look at, in this order: `<state>/run/<host hash>/`, and a directory in /tmp for a path that is too long
 * and for file systems that cannot bind a socket. Never one that depends on the login session.
 * Throws VdbError `config` when `VDB_SOCKET` cannot be used.
 */
export function addresses(stateDir: string, env: Environment): Address[] {
  const primary = join(stateDir, 'run', hash(hostname()));
  const short = `/tmp/vdb-${process.getuid?.() ?? 0}-${hash(stateDir)}`;
  if (env.VDB_SOCKET) return [{ ...addressIn(primary), socket: checkNamed(env.VDB_SOCKET), named: true }];
  const found = [addressIn(primary), addressIn(short)];
  return found.filter(address => Buffer.byteLength(address.socket) <= SOCKET_PATH_BYTES);
}

function addressIn(directory: string): Address {
  return { directory, socket: join(directory, 'vdbd.sock'), token: join(directory, 'token'), named: false };
}

function checkNamed(socket: string): string {
  // The daemon binds a name of nine letters beside it first.
  const longest = Math.max(Buffer.byteLength(socket), Buffer.byteLength(join(dirname(socket), 'vdbd.sock')));
  if (isAbsolute(socket) && longest <= SOCKET_PATH_BYTES) return socket;
  throw new VdbError('config', `VDB_SOCKET is not an absolute path of at most ${SOCKET_PATH_BYTES} bytes: ${socket}`, {
    hint: 'Set VDB_SOCKET to a short absolute path, or unset it.',
  });
}

/** FNV-1a, 64 bits: tells directories and hosts apart, proves nothing. Without node:crypto, which the client need not load. */
function hash(text: string): string {
  let value = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) value = ((value ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return value.toString(16).padStart(16, '0').slice(0, 12);
}

/** What no try will change: the path leads through a file, a link to nowhere, or a file system without directories of ours. */
const IMPOSSIBLE = new Set(['EEXIST', 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

/** Creates the run directory 0700 when it is missing. Throws VdbError `config` when it is not safe or its path cannot be a directory, else `io`. */
export function makeRunDirectory(directory: string): void {
  if (checkRunDirectory(directory)) return;
  try {
    makeDirectory(directory);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new VdbError(IMPOSSIBLE.has(code!) ? 'config' : 'io', `cannot create the directory ${directory}`, {
      ...(code === 'ENOSPC' && { reason: 'disk_full' as const }),
      cause: code ?? message,
      hint: 'Set VDB_STATE_DIR to a directory that you can write.',
    });
  }
  checkRunDirectory(directory);
}

/**
 * Whether the directory exists. It must be a directory, ours, without rights for group and others, and no symbolic link;
 * it is never repaired silently. Throws VdbError `config`, reason `unsafe_permissions`.
 */
export function checkRunDirectory(directory: string): boolean {
  const stats = lstat(directory);
  if (!stats) return false;
  const uid = process.getuid?.() ?? stats.uid;
  if (stats.isSymbolicLink()) throw unsafe(directory, 'is a symbolic link', `Remove it: rm ${quote(directory)}`);
  if (!stats.isDirectory()) throw unsafe(directory, 'is not a directory', `Remove it: rm ${quote(directory)}`);
  if (stats.uid !== uid) {
    throw unsafe(
      directory,
      `belongs to uid ${stats.uid}, and this is uid ${uid}`,
      'Run vdb as its owner (with sudo: sudo -H), or set VDB_STATE_DIR.',
    );
  }
  if (stats.mode & 0o077) {
    const mode = (stats.mode & 0o777).toString(8).padStart(4, '0');
    throw unsafe(directory, `is open to other users (mode ${mode})`, `Run: chmod 700 ${quote(directory)}`);
  }
  return true;
}

/** Whether a socket is there. It must be a socket and ours. Throws VdbError `config`, reason `unsafe_permissions`. */
export function checkSocket(socket: string): boolean {
  const stats = lstat(socket);
  if (!stats) return false;
  const uid = process.getuid?.() ?? stats.uid;
  if (!stats.isSocket())
    throw unsafe(socket, 'is not a socket', `Move it away: mv ${quote(socket)} ${quote(`${socket}.old`)}`);
  if (stats.uid !== uid) {
    throw unsafe(
      socket,
      `belongs to uid ${stats.uid}, and this is uid ${uid}`,
      'Run vdb as its owner, or unset VDB_SOCKET.',
    );
  }
  return true;
}

function lstat(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR') return null;
    throw new VdbError('config', `cannot look at ${path}`, {
      reason: 'unsafe_permissions',
      cause: code,
      hint: `Make ${quote(dirname(path))} accessible to you.`,
    });
  }
}

function unsafe(path: string, fact: string, hint: string): VdbError {
  return new VdbError('config', `${path} ${fact}`, { reason: 'unsafe_permissions', hint });
}

function quote(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
