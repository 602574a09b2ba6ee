import { spawnSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** A process, told apart from a later one that got the same pid. */
export interface Owner {
  pid: number;
  startTime: string;
  bootId: string;
  /** Pid namespace: a pid of another one says nothing here. */
  pidns: string;
  host: string;
}

export interface Lock {
  number: number;
  path: string;
  /** Null when the file is damaged: then nobody holds it. */
  owner: Owner | null;
}

/** The owner touches its lock this often; only looked at when its pid cannot be judged. */
export const HEARTBEAT_MS = 10_000;
const HEARTBEAT_LOST_MS = 25_000;

export function thisOwner(): Owner {
  return {
    pid: process.pid,
    startTime: startTimeOf(process.pid) ?? '',
    bootId: bootId(),
    pidns: pidNamespace(),
    host: hostname(),
  };
}

/** The lock of the highest generation: whoever made it holds the directory as long as he lives. */
export function topLock(directory: string): Lock | null {
  let number = 0;
  for (const name of namesIn(directory)) {
    const match = /^lock\.(\d{1,15})$/.exec(name);
    if (match) number = Math.max(number, Number(match[1]));
  }
  if (number === 0) return null;
  const path = lockPath(directory, number);
  return { number, path, owner: readOwner(path) };
}

export function lockPath(directory: string, number: number): string {
  return join(directory, `lock.${number}`);
}

/** A dead owner is superseded by the next generation; a lock is never stolen or removed. */
export function lives(lock: Lock): boolean {
  const { owner } = lock;
  if (!owner || owner.bootId !== bootId()) return false;
  if (owner.pidns !== pidNamespace()) {
    const touched = lstatSync(lock.path, { throwIfNoEntry: false });
    return touched !== undefined && Date.now() - touched.mtimeMs < HEARTBEAT_LOST_MS;
  }
  return startTimeOf(owner.pid) === owner.startTime;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function readOwner(path: string): Owner | null {
  try {
    const owner = JSON.parse(readFileSync(path, 'utf8')) as Owner;
    return typeof owner?.pid === 'number' ? owner : null;
  } catch {
    return null;
  }
}

/** Null when there is no such process, or only its unreaped remains. */
function startTimeOf(pid: number): string | null {
  if (process.platform !== 'linux') {
    const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
    return stdout.trim() || null;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold anything; state is the first field after it, the start time the twentieth.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : fields[19]!;
  } catch {
    return null;
  }
}

function bootId(): string {
  return readOr('/proc/sys/kernel/random/boot_id');
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    return '';
  }
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}
