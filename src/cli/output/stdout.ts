import { fstatSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { VdbError } from '../../model/errors.ts';

/** The reader of stdout went away, as `head` does when it has enough: an end, not a failure. */
export class StdoutClosed extends Error {}

/**
 * The only writer of stdout. `write` waits while the reader is slow; `put` keeps a short result until `finish`.
 * A closed reader is StdoutClosed from `write` and silence from `finish`; any other failure is `io`.
 */
export class Stdout {
  readonly isTerminal = isatty(1);
  #kept = '';
  #streaming = false;
  #failure: NodeJS.ErrnoException | undefined;
  #wake: (() => void) | undefined;

  /** Columns of the terminal; 80 when there is none. */
  get columns(): number {
    return (this.isTerminal && process.stdout.columns) || 80;
  }

  put(text: string): void {
    this.#kept += text;
  }

  /** Resolves when more may be written. */
  async write(text: string): Promise<void> {
    const stream = this.#stream();
    this.#throwFailure();
    const data = this.#kept + text;
    this.#kept = '';
    if (data === '') return;
    await new Promise<void>(resolve => {
      this.#wake = resolve;
      stream.write(data, error => {
        if (error) this.#failure ??= error;
        resolve();
      });
    });
    this.#wake = undefined;
    this.#throwFailure();
  }

  /** Everything is with the operating system when this resolves. */
  async finish(): Promise<void> {
    if (this.#kept === '') return;
    try {
      if (!this.#streaming && this.#writeNow()) return;
      await this.write('');
    } catch (error) {
      if (!(error instanceof StdoutClosed)) throw error;
    }
  }

  /** Short output straight to the descriptor: creating process.stdout takes 2 ms, a tenth of a short command. */
  #writeNow(): boolean {
    if (this.isTerminal || this.#kept.length > 8192) return false;
    const stat = fstatSync(1);
    if (!stat.isFile() && !stat.isFIFO() && !stat.isCharacterDevice()) return false;
    const bytes = Buffer.from(this.#kept);
    let done = 0;
    try {
      while (done < bytes.length) done += writeSync(1, bytes, done);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') {
        this.#failure = error as NodeJS.ErrnoException;
        this.#throwFailure();
      }
      this.#kept = bytes.subarray(done).toString();
      return false;
    }
    this.#kept = '';
    return true;
  }

  #stream(): NodeJS.WriteStream {
    const stream = openStdout();
    if (!this.#streaming) {
      this.#streaming = true;
      stream.on('error', error => {
        this.#failure ??= error;
        this.#wake?.();
      });
    }
    return stream;
  }

  #throwFailure(): void {
    const failure = this.#failure;
    if (!failure) return;
    if (failure.code === 'EPIPE') throw new StdoutClosed();
    throw new VdbError('io', 'standard output could not be written', {
      cause: failure.message,
      ...(failure.code === 'ENOSPC' ? { reason: 'disk_full' as const } : {}),
    });
  }
}

function openStdout(): NodeJS.WriteStream {
  try {
    return process.stdout;
  } catch (error) {
    throw new VdbError('io', 'standard output cannot be opened', { cause: (error as Error).message });
  }
}
