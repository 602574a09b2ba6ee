import { join } from 'node:path';
import type { Call } from '../../core/connector.ts';
import { withFileLock } from '../../core/files/fileLock.ts';

/** Directory beside the tables; Lance lists `*.lance` only. */
const LOCKS = '.vdb-locks';
const LONGEST_WAIT_MS = 60_000;

/**
 * Runs `section` as the only writer of the table among all processes of vdb; other programs do not know this lock. Needed since
 * Lance lets merges of the same new ids both insert (measured: four processes, 830 rows for 780 ids). Waits as long as the
 * call may last, then throws `busy` (locked) with the owner's pid.
 */
export function withTableLock<T>(path: string, table: string, call: Call, section: () => Promise<T>): Promise<T> {
  const wait = Math.min(call.deadlineMs, LONGEST_WAIT_MS);
  return withFileLock(join(path, LOCKS, table), section, wait);
}
