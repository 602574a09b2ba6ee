import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, open, realpath, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { failpoint } from '../failpoint.ts';
import { fileError } from './fileError.ts';
import { makeDirectory } from './makeDirectory.ts';

export interface ReplaceOptions {
  /** Keeps the file that is replaced as `<path>.bak`. */
  backup?: boolean;
}

/**
 * Puts `data` in the place of the file, whole or not at all, and durable when it returns; 0600 in directories made 0700.
 * A symbolic link stays and its target is replaced. Throws VdbError `io` with the old file intact.
 */
export async function replaceFile(
  path: string,
  data: string | Uint8Array,
  options: ReplaceOptions = {},
): Promise<void> {
  try {
    makeDirectory(dirname(path));
    const real = await resolved(path);
    const temporary = temporaryPath(real);
    try {
      await writeWhole(temporary, typeof data === 'string' ? Buffer.from(data) : data);
      if (options.backup) await keepBackup(real);
      failpoint('replaceFile.before-rename');
      await rename(temporary, real);
    } catch (error) {
      await unlink(temporary).catch(ignoreAbsent);
      throw error;
    }
    failpoint('replaceFile.after-rename');
    await syncDirectory(dirname(real));
  } catch (error) {
    throw fileError(error, 'write', path);
  }
}

/** `.<name>.<pid>.<random>.tmp` beside the file: the sweep knows by it whose it was. */
export function temporaryPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`);
}

/** Creates the file and writes all of it to disk. A full disk makes `write` short instead of failing, hence the loop and the check. */
export async function writeWhole(path: string, data: Uint8Array): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const file = await open(path, flags, 0o600);
  try {
    failpoint('replaceFile.before-write');
    await writeAll(file, data);
    failpoint('replaceFile.before-sync');
    await file.sync();
    const { size } = await file.stat();
    if (size !== data.byteLength) {
      throw Object.assign(new Error(`${size} of ${data.byteLength} bytes reached the disk`), { code: 'EIO' });
    }
  } finally {
    await file.close();
  }
}

/** A full disk makes `write` short instead of failing. */
export async function writeAll(file: FileHandle, data: Uint8Array): Promise<void> {
  let done = 0;
  while (done < data.byteLength) {
    const { bytesWritten } = await file.write(data, done, data.byteLength - done);
    if (bytesWritten === 0) throw Object.assign(new Error('nothing was written'), { code: 'ENOSPC' });
    done += bytesWritten;
  }
}

/** By `link`, so that the live file is never away. */
async function keepBackup(path: string): Promise<void> {
  const temporary = temporaryPath(path);
  try {
    await link(path, temporary);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    await rename(temporary, `${path}.bak`);
  } finally {
    // Renaming between two links of one file does nothing and leaves both.
    await unlink(temporary).catch(ignoreAbsent);
  }
}

async function resolved(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return path;
    throw error;
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function ignoreAbsent(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
