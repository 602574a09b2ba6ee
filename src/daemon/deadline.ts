import { VdbError } from '../model/errors.ts';
import type { MethodName } from '../protocol/methods/methods.ts';
import { type DeadlineKind, SUMMARIES } from '../protocol/methods/summaries.ts';

/** Milliseconds a call may take by default. A stream may take any time, as long as an item comes within this. */
export interface DeadlineSettings {
  callMs: number;
  schemaMs: number;
  /** Opening an embedded database; the connection manager has a shorter one for servers. */
  connectMs: number;
}

/** Aborts a call when its time is over. */
export class Deadline {
  /** What the handler is told: Infinity for jobs. */
  readonly ms: number;
  readonly #method: MethodName;
  readonly #controller: AbortController;
  readonly #renewable: boolean;
  #timer: NodeJS.Timeout | null = null;
  #sending = 0;
  #ended = false;

  constructor(
    method: MethodName,
    timeoutMs: number | undefined,
    settings: DeadlineSettings,
    controller: AbortController,
  ) {
    const { deadline } = SUMMARIES[method];
    this.#method = method;
    this.#controller = controller;
    this.#renewable = timeoutMs === undefined && deadline === 'stream';
    this.ms = timeoutMs ?? defaultMs(deadline, settings);
    this.#arm();
  }

  /** Progress was made. */
  renew(): void {
    if (this.#renewable && this.#timer) this.#timer.refresh();
  }

  /** A stream's time stands still while its reader is behind, and starts anew with each item it took. */
  async whileSending(sending: Promise<void>): Promise<void> {
    if (!this.#renewable || this.#ended) return sending;
    this.#sending++;
    this.#disarm();
    try {
      await sending;
    } finally {
      this.#sending--;
      if (this.#sending === 0 && !this.#ended) this.#arm();
    }
  }

  end(): void {
    this.#ended = true;
    this.#disarm();
  }

  #disarm(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #arm(): void {
    // The longest that a timer can wait.
    if (this.ms > 0x7fffffff) return;
    this.#timer = setTimeout(() => this.#controller.abort(timedOut(this.#method, this.ms, this.#renewable)), this.ms);
  }
}

function defaultMs(kind: DeadlineKind, settings: DeadlineSettings): number {
  switch (kind) {
    case 'job':
      return Number.POSITIVE_INFINITY;
    case 'schema':
      return settings.schemaMs;
    case 'connect':
      return settings.connectMs + settings.callMs;
    default:
      return settings.callMs;
  }
}

function timedOut(method: MethodName, ms: number, idle: boolean): VdbError {
  const { writes } = SUMMARIES[method];
  const message = idle ? `${method}: nothing came for ${ms} ms` : `${method} took longer than ${ms} ms`;
  return new VdbError('timeout', message, {
    outcome: writes ? 'unknown' : 'not_applied',
    retryable: !writes,
    hint: writes
      ? 'Look what was written before repeating it, or allow more time with --timeout.'
      : 'Allow more time with --timeout.',
  });
}
