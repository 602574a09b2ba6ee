import { lstatSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { VdbError } from '../../model/errors.ts';

/**
 * Makes the directory and what is missing above it, one level at a time: Node's recursive mkdir (22.23) never returns below
 * a parent that exists and answers ENOENT, such as /proc. Throws VdbError `config` when no directory can be there, and
 * the error of the system for what may pass or is a matter of rights.
 */
export function makeDirectory(path: string, mode = 0o700): void {
  try {
    if (isDirectory(path)) return;
    const parent = dirname(path);
    if (parent !== path) makeDirectory(parent, mode);
    mkdirSync(path, { mode });
  } catch (error) {
    const why = refusal(error, path);
    if (why === null) throw error;
    // Another process was faster.
    if (why === 'is a directory') return;
    throw new VdbError('config', `'${path}' ${why}`, {
      outcome: 'not_applied',
      hint: 'Name a directory that exists, or one that can be made.',
    });
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function refusal(error: unknown, path: string): string | null {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EEXIST':
      if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() && !statSync(path, { throwIfNoEntry: false }))
        return 'is a symbolic link to a place that does not exist';
      return isDirectory(path) ? 'is a directory' : 'is a file, not a directory';
    case 'ENOENT':
      return `cannot be made: ${dirname(path)} takes no new directories`;
    case 'ELOOP':
      return 'is a symbolic link that leads back to itself';
    case 'ENAMETOOLONG':
      return 'is longer than the system allows';
    default:
      return null;
  }
}
