import { pause } from './pause.ts';

/** Lets at most `rate` records a second through, without bursts: each batch waits until the ones before it are paid for. */
export class Pace {
  readonly #rate: number | undefined;
  #next = 0;

  constructor(rate: number | undefined) {
    this.#rate = rate;
  }

  async pass(records: number, signal: AbortSignal): Promise<void> {
    if (this.#rate === undefined) return;
    const now = performance.now();
    const start = Math.max(now, this.#next);
    this.#next = start + (records * 1000) / this.#rate;
    if (start > now) await pause(start - now, signal);
  }
}
