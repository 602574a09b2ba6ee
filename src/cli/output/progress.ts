import type { Stderr } from './stderr.ts';

/** What `$/progress` carries. */
export interface ProgressUpdate {
  done: number;
  total?: number | null;
  /** Per second. */
  rate?: number;
  note?: string;
}

export type ProgressMode = 'none' | 'bar' | 'lines' | 'json';

const LINE_EVERY_MS = 5000;
const BAR_WIDTH = 24;

/** Shows how far long work is: a bar on a terminal, a line every few seconds elsewhere, NDJSON for machines. */
export class Progress {
  readonly #stderr: Stderr;
  readonly #mode: ProgressMode;
  readonly #label: string;
  #lastLineAt: number;
  #barShown = false;

  constructor(stderr: Stderr, mode: ProgressMode, label: string, now = Date.now()) {
    this.#stderr = stderr;
    this.#mode = mode;
    this.#label = label;
    this.#lastLineAt = now;
  }

  update(update: ProgressUpdate, now = Date.now()): void {
    if (this.#mode === 'json') {
      this.#stderr.line(JSON.stringify({ progress: { op: this.#label, ...update } }));
    } else if (this.#mode === 'bar') {
      this.#barShown = true;
      this.#stderr.write(`\r\u001b[K${this.#bar(update)}`);
    } else if (this.#mode === 'lines' && now - this.#lastLineAt >= LINE_EVERY_MS) {
      this.#lastLineAt = now;
      this.#stderr.line(`${this.#label}: ${figures(update)}`);
    }
  }

  /** Takes the bar away, so that what follows starts on a clean line. */
  end(): void {
    if (this.#barShown) this.#stderr.write('\r\u001b[K');
    this.#barShown = false;
  }

  #bar(update: ProgressUpdate): string {
    const { done, total } = update;
    const text = ` ${figures(update)}`;
    if (!total) return `${this.#label}${text}`.slice(0, this.#stderr.columns - 1);
    const filled = Math.min(BAR_WIDTH, Math.floor((done / total) * BAR_WIDTH));
    const bar = `${this.#label} [${'='.repeat(filled)}${' '.repeat(BAR_WIDTH - filled)}]`;
    return `${bar}${text}`.slice(0, this.#stderr.columns - 1);
  }
}

function figures({ done, total, rate, note }: ProgressUpdate): string {
  const parts = [
    total ? `${grouped(done)} of ${grouped(total)} (${Math.floor((done / total) * 100)} %)` : grouped(done),
  ];
  if (rate) parts.push(`${grouped(Math.round(rate))}/s`);
  if (rate && total && total > done) parts.push(`${duration((total - done) / rate)} left`);
  if (note) parts.push(note);
  return parts.join(', ');
}

/** 1234567 → 1,234,567 */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

function duration(seconds: number): string {
  const s = Math.ceil(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}
