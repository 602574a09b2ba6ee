import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** What tells a process from a later one with the same pid, on this or another machine. */
export interface ProcessIdentity {
  pid: number;
  /** When it started, in the system's own words. */
  start: string;
  host: string;
  boot: string;
  /** Pid namespace: two containers may both have a pid 1. */
  pidns: string;
}

export type Liveness = 'alive' | 'dead' | 'unknown';

let own: ProcessIdentity | undefined;

export function ownIdentity(): ProcessIdentity {
  own ??= {
    pid: process.pid,
    start: startOf(process.pid) ?? '',
    host: hostname(),
    boot: readOr('/proc/sys/kernel/random/boot_id'),
    pidns: linkOr('/proc/self/ns/pid'),
  };
  return own;
}

/** `unknown`: it runs, or ran, where this process cannot look. */
export function liveness(other: ProcessIdentity): Liveness {
  const self = ownIdentity();
  if (other.host !== self.host && other.boot !== self.boot) return 'unknown';
  if (other.boot !== self.boot) return 'dead';
  if (other.pidns !== self.pidns) return 'unknown';
  return startOf(other.pid) === other.start ? 'alive' : 'dead';
}

/** Field 22 of /proc/<pid>/stat, counted behind the command's closing parenthesis; elsewhere what `ps` says. Zombies are dead. */
function startOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
    } catch {
      return undefined;
    }
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    return '';
  }
}

function linkOr(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
