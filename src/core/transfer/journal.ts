import { constants } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { failpoint } from '../failpoint.ts';
import { fileError } from '../files/fileError.ts';
import { type JournalLine, journalLine, parseJournal } from './journalLine.ts';

interface Waiting {
  bytes: Buffer;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * A job's append-only record of what the target acknowledged. `append` resolves once the line is on disk; lines given
 * while an fsync runs share the next one. After a failed write every later append fails: what is on disk is unknown then.
 */
export class Journal {
  readonly #path: string;
  readonly #file: FileHandle;
  #waiting: Waiting[] = [];
  #writer: Promise<void> | undefined;
  #failure: unknown;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** Opens, or creates, and gives what it holds; a torn tail is cut off. Throws `config`/`journal_corrupt`. */
  static async open(path: string): Promise<{ journal: Journal; lines: JournalLine[] }> {
    try {
      const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o600);
      try {
        const bytes = await file.readFile();
        const { lines, length } = parseJournal(bytes, path);
        if (length < bytes.length) {
          await file.truncate(length);
          await file.datasync();
        }
        return { journal: new Journal(path, file), lines };
      } catch (error) {
        await file.close();
        throw error;
      }
    } catch (error) {
      throw fileError(error, 'read', path);
    }
  }

  append(line: JournalLine): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bytes: journalLine(line), resolve, reject });
      this.#writer ??= this.#drain();
    });
  }

  async close(): Promise<void> {
    await this.#writer;
    await this.#file.close();
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        if (this.#failure !== undefined) throw this.#failure;
        await this.#write(Buffer.concat(group.map(({ bytes }) => bytes)));
        for (const { resolve } of group) resolve();
      } catch (error) {
        this.#failure ??= fileError(error, 'write', this.#path);
        for (const { reject } of group) reject(this.#failure);
      }
    }
    this.#writer = undefined;
  }

  async #write(bytes: Buffer): Promise<void> {
    const half = bytes.length >> 1;
    await this.#writeAll(bytes.subarray(0, half));
    failpoint('journal.half');
    await this.#writeAll(bytes.subarray(half));
    await this.#file.datasync();
    failpoint('journal.synced');
  }

  /** A nearly full disk takes a part and reports no error. */
  async #writeAll(bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done);
      if (bytesWritten === 0) throw Object.assign(new Error('nothing was written'), { code: 'ENOSPC' });
      done += bytesWritten;
    }
  }
}

/** The lines of a journal that another process may be writing; none when there is no file. */
export async function readJournal(path: string): Promise<JournalLine[]> {
  try {
    return parseJournal(await readFile(path), path).lines;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw fileError(error, 'read', path);
  }
}
