import { VdbError } from '../model/errors.ts';
import type { Call, Database } from './connector.ts';
import { abortError } from './databaseError.ts';
import { mapVerbs, VERBS } from './verbs.ts';

interface Waiting {
  start(): void;
}

/** At most `concurrency` calls run; up to `queue` more wait their turn in order, the next is refused with `busy` (queue_full). */
export class Limiter {
  readonly #concurrency: number;
  readonly #queue: number;
  readonly #waiting = new Set<Waiting>();
  #running = 0;

  constructor(concurrency: number, queue: number) {
    this.#concurrency = concurrency;
    this.#queue = queue;
  }

  /** Waits for a turn; the result ends it. Throws `busy`, or `aborted()` when the signal aborts first. */
  async enter(signal: AbortSignal, aborted: () => VdbError): Promise<() => void> {
    if (signal.aborted) throw aborted();
    if (this.#running >= this.#concurrency) await this.#turn(signal, aborted);
    else this.#running++;
    return () => {
      const next = this.#waiting.values().next().value;
      if (next) {
        this.#waiting.delete(next);
        next.start();
      } else {
        this.#running--;
      }
    };
  }

  #turn(signal: AbortSignal, aborted: () => VdbError): Promise<void> {
    if (this.#waiting.size >= this.#queue) {
      throw new VdbError('busy', `${this.#waiting.size} calls are waiting for this database`, {
        reason: 'queue_full',
        outcome: 'not_applied',
        hint: 'Run fewer commands at once, or try again in a moment.',
      });
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(waiting);
        reject(aborted());
      };
      const waiting: Waiting = {
        start: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      this.#waiting.add(waiting);
      signal.addEventListener('abort', leave, { once: true });
    });
  }
}

/** The Database with every call under the limiter. Streams take a turn per page, so that one caller may read and write at once. */
export function limited(database: Database, limiter: Limiter): Database {
  return mapVerbs(database, (name, verb) => {
    const run = verb as (...args: unknown[]) => unknown;
    const enter = (args: unknown[]): Promise<() => void> => {
      const { signal } = args.at(-1) as Call;
      return limiter.enter(signal, () => abortError(signal, name, false));
    };
    if (VERBS[name].streams) {
      return async function* (...args: unknown[]) {
        const iterator = (run(...args) as AsyncIterable<unknown>)[Symbol.asyncIterator]();
        try {
          for (;;) {
            const leave = await enter(args);
            const step = await iterator.next().finally(leave);
            if (step.done) return;
            yield step.value;
          }
        } finally {
          await iterator.return?.();
        }
      };
    }
    return async (...args: unknown[]) => {
      const leave = await enter(args);
      try {
        return await run(...args);
      } finally {
        leave();
      }
    };
  });
}
