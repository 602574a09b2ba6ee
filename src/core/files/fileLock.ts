import { randomBytes } from 'node:crypto';
import { link, readdir, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { VdbError } from '../../model/errors.ts';
import { fileError } from './fileError.ts';
import { makeDirectory } from './makeDirectory.ts';
import { liveness, ownIdentity, type ProcessIdentity } from './processIdentity.ts';
import { temporaryPath } from './replaceFile.ts';

/** An owner that cannot be judged (another machine, another container) counts as dead after this long: no section takes seconds. */
const UNKNOWN_OWNER_MS = 90_000;
const WAIT_MS = 10_000;

interface Ticket {
  generation: number;
  owner: ProcessIdentity | null;
  /** The file's text, which holds a random part: the same text is the same ticket. */
  text: string;
}

const queues = new Map<string, Promise<void>>();

/**
 * Runs `section` while no other process, and nothing else in this one, runs one for the same path. Waits up to `waitMs`, then
 * throws `busy` (reason locked) with the owner's pid.
 *
 * A lock is `<path>.lock.N`, made by `link(2)` and never stolen: its successor is `.N+1`, linked when N was released or its owner
 * died. Whoever linked N+1 has it only if N still is the ticket that was judged; owners delete from the lowest up, so N is
 * gone once N+1 was ever owned.
 */
export async function withFileLock<T>(path: string, section: () => Promise<T>, waitMs = WAIT_MS): Promise<T> {
  const before = queues.get(path) ?? Promise.resolve();
  let leave = (): void => undefined;
  const mine = new Promise<void>(resolve => (leave = resolve));
  const turn = before.then(() => mine);
  queues.set(path, turn);
  await before;
  try {
    const release = await acquire(path, performance.now() + waitMs);
    try {
      return await section();
    } finally {
      await release();
    }
  } finally {
    leave();
    if (queues.get(path) === turn) queues.delete(path);
  }
}

async function acquire(path: string, until: number): Promise<() => Promise<void>> {
  try {
    makeDirectory(dirname(path));
    const mine = await newTicket(path, ownIdentity());
    // Made now, because releasing must not need space on the disk.
    const released = await newTicket(path, null);
    let won = false;
    try {
      for (;;) {
        const top = await topTicket(path);
        if (await isFree(path, top)) {
          won = await succeed(path, top, mine);
          // By renaming over it, so that the top ticket is never away.
          if (won) return () => rename(released, ticketPath(path, top.generation + 1));
        } else if (performance.now() >= until) {
          throw locked(path, top.owner);
        }
        await sleep(5 + Math.random() * 15);
      }
    } finally {
      await unlink(mine);
      if (!won) await unlink(released);
    }
  } catch (error) {
    throw fileError(error, 'lock', path);
  }
}

/** The highest ticket; the first one ever is a released one of generation 0. */
async function topTicket(path: string): Promise<Ticket> {
  for (;;) {
    const generations = await listed(path);
    const generation = generations.at(-1);
    if (generation === undefined) {
      await firstTicket(path);
      continue;
    }
    const text = await readOrAbsent(ticketPath(path, generation));
    if (text === undefined) continue;
    return { generation, text, owner: parseOwner(text) };
  }
}

async function firstTicket(path: string): Promise<void> {
  const temporary = await newTicket(path, null);
  try {
    await link(temporary, ticketPath(path, 0)).catch(ignoreExisting);
  } finally {
    await unlink(temporary);
  }
}

async function isFree(path: string, { owner, generation }: Ticket): Promise<boolean> {
  if (owner === null) return true;
  const state = liveness(owner);
  if (state !== 'unknown') return state === 'dead';
  try {
    return Date.now() - (await stat(ticketPath(path, generation))).mtimeMs > UNKNOWN_OWNER_MS;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

async function succeed(path: string, top: Ticket, mine: string): Promise<boolean> {
  const next = ticketPath(path, top.generation + 1);
  try {
    await link(mine, next);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  if ((await readOrAbsent(ticketPath(path, top.generation))) !== top.text) {
    await unlink(next);
    return false;
  }
  for (const generation of await listed(path)) {
    if (generation <= top.generation) await unlink(ticketPath(path, generation)).catch(ignoreAbsent);
  }
  return true;
}

async function listed(path: string): Promise<number[]> {
  const prefix = `${basename(path)}.lock.`;
  const names = await readdir(dirname(path));
  return names
    .filter(name => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map(name => Number(name.slice(prefix.length)))
    .sort((a, b) => a - b);
}

function ticketPath(path: string, generation: number): string {
  return join(dirname(path), `${basename(path)}.lock.${generation}`);
}

async function newTicket(path: string, owner: ProcessIdentity | null): Promise<string> {
  const temporary = temporaryPath(`${path}.lock`);
  const text = JSON.stringify({ owner, nonce: randomBytes(8).toString('hex') });
  await writeFile(temporary, text, { flag: 'wx', mode: 0o600 });
  return temporary;
}

/** A ticket is complete before it is linked; one that does not parse was torn by a power loss, so its owner is gone. */
function parseOwner(text: string): ProcessIdentity | null {
  try {
    return (JSON.parse(text) as { owner: ProcessIdentity | null }).owner;
  } catch {
    return null;
  }
}

async function readOrAbsent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function locked(path: string, owner: ProcessIdentity | null): VdbError {
  return new VdbError('busy', `${path} is locked by process ${owner?.pid ?? 'unknown'}`, {
    reason: 'locked',
    outcome: 'not_applied',
    data: { pid: owner?.pid ?? null },
    hint: 'Try again when that process is done.',
  });
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

function ignoreAbsent(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
