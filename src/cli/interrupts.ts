import { VdbError } from '../model/errors.ts';

const ANSWER_LIMIT_MS = 5000;

const EXITS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type StopSignal = keyof typeof EXITS;

/**
 * Turns the first Ctrl-C (SIGTERM, SIGHUP) into an abort that the daemon answers, and leaves after 5 s without an answer.
 * A second signal leaves at once. The daemon stays.
 */
export class Interrupts {
  readonly #controller = new AbortController();
  #exit: number | undefined;
  #error: VdbError | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The exit status a signal asks for; undefined when none arrived. */
  get exit(): number | undefined {
    return this.#exit;
  }

  /** What ends because of the signal, as it is told. */
  get error(): VdbError | undefined {
    return this.#error;
  }

  listen(): void {
    for (const name of Object.keys(EXITS) as StopSignal[]) process.on(name, () => this.#arrived(name));
  }

  /** Stops the work for a reason of our own: nobody reads the output any more. */
  abort(): void {
    this.#controller.abort(new VdbError('cancelled', 'the reader of stdout went away', { outcome: 'not_applied' }));
  }

  #arrived(name: StopSignal): void {
    const exit = EXITS[name];
    if (this.#exit !== undefined) process.exit(exit);
    this.#exit = exit;
    const by = name === 'SIGINT' ? 'Ctrl-C' : name;
    this.#error = new VdbError('cancelled', `interrupted by ${by}`, { reason: 'interrupted', exit });
    this.#controller.abort(this.#error);
    setTimeout(() => process.exit(exit), ANSWER_LIMIT_MS).unref();
  }
}
