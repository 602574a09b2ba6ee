import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { VdbError } from '../../model/errors.ts';
import { withFileLock } from '../files/fileLock.ts';
import { liveness, ownIdentity, type ProcessIdentity } from '../files/processIdentity.ts';
import { replaceFile } from '../files/replaceFile.ts';

/** An owner on another machine shows that it lives by touching its files; older than this it is dead. */
const FRESH_MS = 90_000;
const TOUCH_MS = 20_000;

/** What one process or job has for itself for minutes or hours: a job's directory, a target collection. */
export class JobLock {
  readonly #held = new Map<string, string>();

  get held(): number {
    return new Set(this.#held.values()).size;
  }

  holds(key: string): boolean {
    return this.#held.has(key);
  }

  /** Throws `busy` (locked), at once, when another holds it; `what` names the thing, `owner` the job it is held for. */
  async hold<T>(key: string, path: string, what: string, section: () => Promise<T>, owner = key): Promise<T> {
    const holder = this.#held.get(key);
    if (holder !== undefined) throw locked(what, `job ${holder}`, process.pid);
    this.#held.set(key, owner);
    let entered = false;
    try {
      return await withFileLock(
        path,
        async () => {
          entered = true;
          return this.#inside(path, owner, section);
        },
        0,
      );
    } catch (error) {
      if (entered || !(error instanceof VdbError) || error.code !== 'busy') throw error;
      const other = await readOwner(path);
      throw locked(what, other ? `job ${other.job}` : 'another job', Number(error.details.data?.pid ?? 0));
    } finally {
      this.#held.delete(key);
    }
  }

  /** Whether this or another process holds it now. */
  async isHeld(key: string, path: string): Promise<boolean> {
    if (this.#held.has(key)) return true;
    const owner = await readOwner(path);
    if (!owner || JSON.stringify(owner.process) === JSON.stringify(ownIdentity())) return false;
    const state = liveness(owner.process);
    if (state !== 'unknown') return state === 'alive';
    return Date.now() - (await stat(ownerPath(path))).mtimeMs < FRESH_MS;
  }

  async #inside<T>(path: string, job: string, section: () => Promise<T>): Promise<T> {
    await replaceFile(ownerPath(path), JSON.stringify({ job, process: ownIdentity() }));
    const timer = setInterval(() => void touch(path), TOUCH_MS).unref();
    try {
      return await section();
    } finally {
      clearInterval(timer);
      await rm(ownerPath(path), { force: true });
    }
  }
}

function ownerPath(path: string): string {
  return `${path}.owner`;
}

/** Removes what the lock of a thing that is gone for good left behind. */
export async function forgetLock(path: string): Promise<void> {
  for (const name of await readdir(dirname(path))) {
    if (name.startsWith(`${basename(path)}.`)) await rm(join(dirname(path), name), { force: true });
  }
}

async function readOwner(path: string): Promise<{ job: string; process: ProcessIdentity } | undefined> {
  try {
    return JSON.parse(await readFile(ownerPath(path), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Owner file and lock tickets; one that is just being replaced is touched the next time. */
async function touch(path: string): Promise<void> {
  const now = new Date();
  const names = await readdir(dirname(path)).catch(() => []);
  const mine = names.filter(name => name.startsWith(`${basename(path)}.`));
  await Promise.allSettled(mine.map(name => utimes(join(dirname(path), name), now, now)));
}

function locked(what: string, by: string, pid: number): VdbError {
  return new VdbError('busy', `${what} is held by ${by} of process ${pid}`, {
    reason: 'locked',
    outcome: 'not_applied',
    data: { pid },
    hint: "Wait for it ('vdb job list'), or cancel it.",
  });
}
