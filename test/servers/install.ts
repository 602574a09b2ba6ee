import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from './directories.ts';
import type { Kind } from './kind.ts';

/** Where this version of a server is, or would be, installed. */
export function homeOf(kind: Kind): string {
  return join(cacheDirectory(), `${kind.name}-${kind.version}`);
}

export function isInstalled(kind: Kind): boolean {
  return existsSync(homeOf(kind));
}

/** Installs a server unless its directory exists, which appears only complete: two installations at once do not meet. */
export async function install(kind: Kind): Promise<string> {
  const home = homeOf(kind);
  if (existsSync(home)) return home;
  await mkdir(cacheDirectory(), { recursive: true });
  const unfinished = await mkdtemp(`${home}.`);
  try {
    await kind.install(unfinished);
    await chmod(unfinished, 0o755);
    await rename(unfinished, home).catch((error: unknown) => {
      if (!existsSync(home)) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return home;
}
