import { isatty } from 'node:tty';

/** The only writer of stderr. A stderr that is closed or full never changes what a command does or how it ends. */
export class Stderr {
  readonly isTerminal = isatty(2);
  #open = false;

  get columns(): number {
    return (this.isTerminal && process.stderr.columns) || 80;
  }

  write(text: string): void {
    try {
      if (!this.#open) process.stderr.on('error', () => undefined);
      this.#open = true;
      process.stderr.write(text);
    } catch {
      // Nothing is left to say it on.
    }
  }

  line(text: string): void {
    this.write(`${text}\n`);
  }

  /** Resolves when what was written is with the operating system, or cannot be. */
  async finish(): Promise<void> {
    if (!this.#open || process.stderr.writableLength === 0 || process.stderr.destroyed) return;
    await new Promise<void>(resolve => {
      process.stderr.on('error', () => resolve());
      process.stderr.write('', () => resolve());
    });
  }
}
