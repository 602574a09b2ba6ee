import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { VdbError } from '../../model/errors.ts';
import { checkUnwritable } from './checkUnwritable.ts';
import { fileError } from './fileError.ts';
import { withFileLock } from './fileLock.ts';
import { replaceFile } from './replaceFile.ts';
import { sweepTemporary } from './sweepTemporary.ts';

export interface StateDocument {
  version: 1;
  /** Raised by every write. */
  revision?: number;
}

export interface StateFileOptions<T extends StateDocument> {
  /** What it holds, for messages: `profiles`. */
  what: string;
  /** The document of a file that does not exist. */
  empty: T;
  /** Throws an Error that says what is wrong with a document read from disk. Unknown members are left alone. */
  check(document: T): void;
  /** Updates keep the version before as `<path>.bak`, unless they say otherwise. */
  backup?: boolean;
  /** Refused while others may write it: what it says is done with the rights of this user. */
  guarded?: boolean;
}

/**
 * One versioned JSON file, shared with other processes and with people's editors. Reads see every change on disk; a change
 * is read-modify-write under the file's lock. A file that is unreadable, corrupt or newer is `config` naming it, and stays untouched.
 */
export class StateFile<T extends StateDocument> {
  readonly path: string;
  readonly #options: StateFileOptions<T>;
  /** Once per process. */
  #sweeping: Promise<void> | undefined;
  #known: { stamp: string; document: T } | undefined;

  constructor(path: string, options: StateFileOptions<T>) {
    this.path = path;
    this.#options = options;
  }

  /** The document as it is on disk; not to be changed. */
  async read(): Promise<Readonly<T>> {
    try {
      if (this.#options.guarded) await checkUnwritable(this.path);
      const stamp = await stampOf(this.path);
      if (this.#known?.stamp === stamp) return this.#known.document;
      const document = stamp === 'absent' ? this.#options.empty : this.#parse(await readFile(this.path, 'utf8'));
      this.#known = { stamp, document };
      return document;
    } catch (error) {
      throw fileError(error, 'read', this.path);
    }
  }

  /** Applies `change` to a copy and writes it; durable when this returns. Nothing is written when `change` throws or changes nothing. */
  async update<R>(change: (document: T) => R, { backup = this.#options.backup } = {}): Promise<R> {
    return withFileLock(this.path, async () => {
      const before = await this.read();
      const document = structuredClone(before) as T;
      const result = change(document);
      if (JSON.stringify(document) === JSON.stringify(before)) return result;
      document.revision = (before.revision ?? 0) + 1;
      const stamp = await stampOf(this.path);
      if (stamp !== this.#known?.stamp) throw changed(this.path);
      await replaceFile(this.path, `${JSON.stringify(document, null, 2)}\n`, { backup });
      this.#known = undefined;
      this.#sweeping ??= sweepTemporary(dirname(this.path));
      await this.#sweeping;
      return result;
    });
  }

  #parse(text: string): T {
    let document: T;
    try {
      document = JSON.parse(text);
    } catch {
      // The parser's message quotes the text, which may hold what a person pasted into the wrong file.
      throw this.#corrupt('it is not JSON');
    }
    if (typeof document !== 'object' || document === null || Array.isArray(document)) {
      throw this.#corrupt('it is not a JSON object');
    }
    const version: unknown = document.version;
    if (typeof version === 'number' && version > 1) {
      throw new VdbError('config', `${this.path} was written by a newer vdb (version ${version})`, {
        reason: 'newer',
        hint: 'Update vdb; the file was left as it is.',
      });
    }
    if (version !== 1) throw this.#corrupt('its "version" is not 1');
    try {
      this.#options.check(document);
    } catch (error) {
      throw this.#corrupt((error as Error).message);
    }
    return document;
  }

  #corrupt(why: string): VdbError {
    const { what, backup } = this.#options;
    return new VdbError('config', `${this.path} cannot be used: ${why}`, {
      reason: 'corrupt',
      hint: backup
        ? `Repair it, or put back the ${what} before the last change from ${this.path}.bak; it was left as it is.`
        : 'Repair it or move it away; it was left as it is.',
    });
  }
}

async function stampOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'absent';
    throw error;
  }
}

function changed(path: string): VdbError {
  return new VdbError('busy', `${path} was changed by another program meanwhile`, {
    reason: 'locked',
    outcome: 'not_applied',
    hint: 'Run the command again.',
  });
}
