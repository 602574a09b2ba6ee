import { readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerName } from './access.ts';
import { stateDirectory } from './directories.ts';
import type { Running } from './launch.ts';
import { lives } from './processLife.ts';

/** One file for each server that `npm run servers -- start` started, readable by its owner only since it holds the password. */
function noteOf(name: ServerName): string {
  return join(stateDirectory(), `${name}.json`);
}

/** The server that was started under this name; `lives` is false when it has ended in the meantime. */
export function noted(name: ServerName): (Running & { lives: boolean }) | undefined {
  let text: string;
  try {
    text = readFileSync(noteOf(name), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const running = JSON.parse(text) as Running;
  return { ...running, lives: lives(running) };
}

/** False when another start was first: its note stands. */
export async function note(running: Running): Promise<boolean> {
  await mkdir(stateDirectory(), { recursive: true });
  try {
    await writeFile(noteOf(running.name), `${JSON.stringify(running, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

export async function forget(name: ServerName): Promise<void> {
  await rm(noteOf(name), { force: true });
}
