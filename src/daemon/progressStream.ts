import type { Link } from '../protocol/link.ts';
import type { Progress } from './handler.ts';
import type { Limits } from './limits.ts';

/** `$/progress` of one call: the newest report, ten times a second at most, and none while the reader is behind. */
export class ProgressStream {
  readonly #link: Link;
  readonly #id: unknown;
  readonly #limits: Limits;
  #last = Number.NEGATIVE_INFINITY;
  #next: Progress | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(link: Link, id: unknown, limits: Limits) {
    this.#link = link;
    this.#id = id;
    this.#limits = limits;
  }

  report(progress: Progress): void {
    this.#next = progress;
    const wait = this.#last + this.#limits.progressMs - performance.now();
    if (wait <= 0) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), wait);
  }

  end(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#next = null;
  }

  #send(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#next || this.#link.blocked) return;
    this.#last = performance.now();
    this.#link.send({ jsonrpc: '2.0', method: '$/progress', params: { id: this.#id, ...this.#next } });
    this.#next = null;
  }
}
