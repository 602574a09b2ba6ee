import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';

const TEMPORARY = /^\..+\.(\d+)\.[0-9a-f]{12}\.tmp$/;
const OLD_MS = 3_600_000;

/** Removes what killed writers left in a directory: temporary files older than an hour whose process is gone. */
export async function sweepTemporary(directory: string): Promise<void> {
  for (const name of await names(directory)) {
    const match = TEMPORARY.exec(name);
    if (!match || runs(Number(match[1]))) continue;
    const path = join(directory, name);
    try {
      if (Date.now() - (await stat(path)).mtimeMs > OLD_MS) await unlink(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

async function names(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
