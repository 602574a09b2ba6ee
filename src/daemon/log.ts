import { closeSync, constants, fstatSync, lstatSync, openSync, renameSync, writeSync } from 'node:fs';

const LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LEVELS)[number];

const FILE_BYTES = 10 * 1024 * 1024;
const FILES = 3;

/**
 * One JSON object a line, 0600, three files of 10 MiB: `vdbd.log`, `vdbd.log.1`, `vdbd.log.2`. Written at once, so that
 * the last words before a crash are there. A log that cannot be written ends nothing: the lines lost are counted, and the
 * next line that can be written says so. Secrets print as `[secret]`, by their type.
 */
export class Log {
  readonly #path: string;
  readonly #limit: number;
  readonly #bytes: number;
  #descriptor: number | null = null;
  #lost = 0;

  constructor(path: string, level: string = 'info', bytes: number = FILE_BYTES) {
    this.#path = path;
    const index = LEVELS.indexOf(level as LogLevel);
    this.#limit = index < 0 ? LEVELS.indexOf('info') : index;
    this.#bytes = bytes;
  }

  error(event: string, fields: Record<string, unknown> = {}): void {
    this.#write('error', event, fields);
  }

  warn(event: string, fields: Record<string, unknown> = {}): void {
    this.#write('warn', event, fields);
  }

  info(event: string, fields: Record<string, unknown> = {}): void {
    this.#write('info', event, fields);
  }

  debug(event: string, fields: Record<string, unknown> = {}): void {
    this.#write('debug', event, fields);
  }

  /** The next line goes to whatever file has the name by then. */
  reopen(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  #write(level: LogLevel, event: string, fields: Record<string, unknown>): void {
    if (LEVELS.indexOf(level) > this.#limit) return;
    const head = { time: new Date().toISOString(), level, pid: process.pid, event };
    try {
      const lost = this.#lost > 0 ? { lostLines: this.#lost } : {};
      writeSync(this.#open(), `${JSON.stringify({ ...head, ...plain(fields), ...lost })}\n`);
      this.#lost = 0;
    } catch {
      this.#lost++;
    }
  }

  #open(): number {
    if (this.#descriptor !== null && fstatSync(this.#descriptor).size >= this.#bytes) this.#rotate();
    this.#descriptor ??= openSync(
      this.#path,
      constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW,
      0o600,
    );
    return this.#descriptor;
  }

  #rotate(): void {
    const ours = fstatSync(this.#descriptor!).ino;
    this.reopen();
    // Another process of the same state directory may have rotated already.
    if (lstatSync(this.#path, { throwIfNoEntry: false })?.ino !== ours) return;
    for (let n = FILES - 1; n > 0; n--) {
      const from = n === 1 ? this.#path : `${this.#path}.${n - 1}`;
      if (lstatSync(from, { throwIfNoEntry: false })) renameSync(from, `${this.#path}.${n}`);
    }
  }
}

/** Errors have no members that JSON shows. */
function plain(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      value instanceof Error ? (value.stack ?? value.message) : value,
    ]),
  );
}
