import { VdbError } from '../model/errors.ts';
import type { Limits } from './limits.ts';

/** What runs, and whether anything may still begin: serving → draining → ended. */
export class Lifecycle {
  readonly startedAt: Date = new Date();
  readonly #limits: Limits;
  readonly #running = new Set<AbortController>();
  readonly #settled: (() => void)[] = [];
  #lastCall = performance.now();
  #draining = false;
  /** Runs once, when the drain begins. */
  onDrain: (reason: string) => void = () => undefined;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get draining(): boolean {
    return this.#draining;
  }

  get inFlight(): number {
    return this.#running.size;
  }

  /** Milliseconds since the last call ended; 0 while one runs. */
  get idleMs(): number {
    return this.#running.size > 0 ? 0 : performance.now() - this.#lastCall;
  }

  begin(call: AbortController): void {
    this.#running.add(call);
  }

  end(call: AbortController): void {
    this.#running.delete(call);
    this.#lastCall = performance.now();
    if (this.#running.size === 0) for (const settle of this.#settled.splice(0)) settle();
  }

  /** Nothing new begins; what runs may end within `drainMs`, or with `now` is aborted at once. Returns at once. */
  stop(reason: string, now: boolean): void {
    const first = !this.#draining;
    this.#draining = true;
    if (now) setImmediate(() => this.#abort());
    if (first) this.onDrain(reason);
  }

  /** Waits for what runs, then aborts it, then waits for it to end cleanly. */
  async settled(): Promise<void> {
    await this.#quiet(this.#limits.drainMs);
    this.#abort();
    await this.#quiet(this.#limits.cancelGraceMs);
  }

  #abort(): void {
    for (const call of this.#running) call.abort(stopping());
  }

  #quiet(limitMs: number): Promise<void> {
    if (this.#running.size === 0) return Promise.resolve();
    return new Promise(resolve => {
      const timer = setTimeout(resolve, limitMs);
      this.#settled.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

export function stopping(): VdbError {
  return new VdbError('busy', 'the daemon is stopping', {
    reason: 'stopping',
    hint: 'Repeat the command: vdb starts a new daemon.',
  });
}
