import { lstatSync, type Stats, statSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { VdbError } from '../../model/errors.ts';

/**
 * That only this user and root may write the file and its directory, also where a symbolic link leads: what stands in it is
 * run, such as the command of a secret source. Either may be missing. Never repaired silently.
 * Throws VdbError `config`, reason `unsafe_permissions`.
 */
export async function checkUnwritable(path: string): Promise<void> {
  check(dirname(path), statSync(dirname(path), { throwIfNoEntry: false }));
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats?.isSymbolicLink()) return check(path, stats);
  const real = await realpath(path).catch(() => null);
  // One that leads nowhere is an absent file.
  if (real !== null) await checkUnwritable(real);
}

function check(path: string, stats: Stats | undefined): void {
  const uid = process.getuid?.();
  if (!stats || uid === undefined) return;
  if (stats.uid !== uid && stats.uid !== 0) {
    throw unsafe(
      path,
      `belongs to uid ${stats.uid}, and this is uid ${uid}`,
      'Run vdb as its owner (with sudo: sudo -H), or set VDB_CONFIG_DIR.',
    );
  }
  if (stats.mode & 0o022) {
    const mode = (stats.mode & 0o777).toString(8).padStart(4, '0');
    throw unsafe(path, `can be written by other users (mode ${mode})`, `Run: chmod go-w ${quote(path)}`);
  }
}

function unsafe(path: string, fact: string, hint: string): VdbError {
  return new VdbError('config', `${path} ${fact}`, { reason: 'unsafe_permissions', outcome: 'not_applied', hint });
}

function quote(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
