import { VdbError } from '../../model/errors.ts';

/** A failed file operation as a VdbError. `action` completes "cannot …": `write`, `read`, `lock`. Never retried on the same descriptor. */
export function fileError(error: unknown, action: 'read' | 'write' | 'lock' | 'create', path: string): VdbError {
  if (error instanceof VdbError) return error;
  const { code = '', message = String(error) } = error as NodeJS.ErrnoException;
  const text = `cannot ${action} ${path}`;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new VdbError('io', `${text}: no space is left`, {
        reason: 'disk_full',
        cause: message,
        hint: action === 'write' ? 'Free some space; the file still holds what it held before.' : 'Free some space.',
      });
    case 'EMFILE':
    case 'ENFILE':
    case 'ENOMEM':
      return new VdbError('os', `${text}: the system has no resources left`, { cause: message });
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EISDIR':
    case 'ELOOP':
      return new VdbError('config', text, { cause: message });
    case 'EACCES':
    case 'EPERM':
      if (action === 'read') {
        return new VdbError('config', text, { cause: message, hint: `Make it yours and readable: chmod 600 ${path}` });
      }
      break;
  }
  return new VdbError('io', text, { cause: message });
}
