import { VdbError } from '../../model/errors.ts';

const FAILURES = 5;
const REST_MS = 5_000;
const LONGEST_REST_MS = 60_000;

/** After five failures to connect in a row further tries are refused for a while, which doubles as long as they fail. */
export class Circuit {
  #failures = 0;
  #restUntil = 0;

  /** Throws `busy` (circuit_open). */
  check(endpoint: string): void {
    const restMs = this.#restUntil - performance.now();
    if (restMs <= 0) return;
    throw new VdbError('busy', `${endpoint} failed ${this.#failures} times in a row and is left alone for a moment`, {
      reason: 'circuit_open',
      outcome: 'not_applied',
      retryAfterMs: Math.ceil(restMs),
      hint: "Wait a moment; 'vdb connections' shows what it fails with.",
    });
  }

  success(): void {
    this.#failures = 0;
    this.#restUntil = 0;
  }

  failure(error: unknown): void {
    if (!(error instanceof VdbError) || (error.code !== 'unreachable' && error.code !== 'timeout')) return;
    this.#failures++;
    if (this.#failures < FAILURES) return;
    this.#restUntil = performance.now() + Math.min(LONGEST_REST_MS, REST_MS * 2 ** (this.#failures - FAILURES));
  }
}
