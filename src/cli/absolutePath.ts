import { resolve } from 'node:path';
import { VdbError } from '../model/errors.ts';

/** As seen from where the caller stands. Throws `not_found` when that directory was removed and the path is relative. */
export function absolutePath(path: string): string {
  try {
    return resolve(path);
  } catch (error) {
    throw new VdbError('not_found', `'${path}' leads nowhere: the working directory was removed`, {
      cause: (error as NodeJS.ErrnoException).code,
      hint: 'Change to a directory that exists, or give an absolute path.',
      outcome: 'not_applied',
    });
  }
}
