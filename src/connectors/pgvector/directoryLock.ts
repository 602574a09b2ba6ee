import { execFileSync } from 'node:child_process';
import { linkSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { VdbError } from '../../model/errors.ts';

interface Owner {
  pid: number;
  /** Start time of the process, as the system spells it: a pid alone is given again after death. */
  start: string;
  /** Machine, its boot and its pid namespace, within which `pid` and `start` mean something. */
  world: string;
}

/**
 * Makes this process the only owner of a data directory, until `release` or its death. Nothing in the directory itself is
 * touched: the lock is a file beside it, `.NAME.lock.N`, made by `link(2)`. A dead owner's file is never taken away from
 * it, only superseded by N+1, so two processes cannot both inherit it.
 * Throws `busy` with the owner's pid.
 */
export function lockDirectory(directory: string): { release(): void } {
  const parent = dirname(directory);
  const prefix = `.${basename(directory)}.lock.`;
  const mine: Owner = { pid: process.pid, start: startTime(process.pid) ?? '', world: world() };
  const draft = join(parent, `${prefix}${process.pid}.${Math.random().toString(36).slice(2)}.new`);
  writeFileSync(draft, JSON.stringify(mine), { mode: 0o600, flag: 'wx' });
  try {
    for (;;) {
      const top = newest(parent, prefix);
      if (top > 0) {
        const owner = readOwner(join(parent, prefix + top));
        if (owner === undefined) continue;
        if (isAlive(owner)) throw held(directory, owner, join(parent, prefix + top));
      }
      const path = join(parent, `${prefix}${top + 1}`);
      try {
        linkSync(draft, path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
        throw error;
      }
      if (newest(parent, prefix) !== top + 1) {
        rmSync(path, { force: true });
        continue;
      }
      for (let old = top; old > 0 && old > top - 8; old--) rmSync(join(parent, prefix + old), { force: true });
      return { release: () => rmSync(path, { force: true }) };
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

function newest(parent: string, prefix: string): number {
  let top = 0;
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(prefix)) continue;
    const generation = /^\d{1,15}$/.test(name.slice(prefix.length)) ? Number(name.slice(prefix.length)) : 0;
    if (generation > top) top = generation;
  }
  return top;
}

function readOwner(path: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Owner;
  } catch (error) {
    // Released between listing and reading.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new VdbError('busy', `the lock file ${path} cannot be read`, {
      reason: 'locked',
      hint: 'Remove it when no process uses the directory.',
    });
  }
}

/** Owners in another world (a container, another host of a shared disk) cannot be judged and count as alive. */
function isAlive(owner: Owner): boolean {
  const here = world();
  if (owner.world !== here) {
    const [host, , boot] = owner.world.split(' ');
    const [ourHost, , ourBoot] = here.split(' ');
    return !(host === ourHost && boot !== ourBoot);
  }
  return startTime(owner.pid) === owner.start;
}

function held(directory: string, owner: Owner, lock: string): VdbError {
  const elsewhere = owner.world !== world();
  return new VdbError('busy', `the database in ${directory} is in use by process ${owner.pid}`, {
    reason: 'locked',
    outcome: 'not_applied',
    hint: elsewhere
      ? `That process runs on another host or in another container; remove ${lock} if it no longer exists.`
      : owner.pid === process.pid
        ? 'Another profile with the same directory is connected: disconnect that one first.'
        : 'An embedded database has one user at a time: disconnect there first.',
    data: { pid: owner.pid },
  });
}

function world(): string {
  return `${hostname()} ${linkText('/proc/self/ns/pid')} ${fileText('/proc/sys/kernel/random/boot_id')}`;
}

function linkText(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // Not Linux: one pid namespace.
    return '-';
  }
}

function fileText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '-';
  }
}

/** Undefined when there is no such process, or only what is left of a dead one. */
function startTime(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
        .replace(/^.*\) /s, '')
        .split(' ');
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
