import { VdbError } from '../../model/errors.ts';
import type { Settings, SettingValues } from '../settings.ts';
import type { ConnectionState, Link } from './link.ts';

/** A held link, and when it is looked at next. */
interface Kept {
  timer: NodeJS.Timeout | undefined;
  /** Tries since it was lost. */
  tries: number;
  abort: AbortController;
}

/**
 * Keeps held links open: what was lost is opened again, with waits that grow, and a server that is not asked anything is asked
 * from time to time whether it still answers. Each link has a timer of its own, so one that fails slows no other.
 */
export class Keeper {
  readonly #settings: Settings;
  readonly #isHeld: (profile: string) => Promise<boolean>;
  /** Whether a call or job works with the link just now. */
  readonly #inUse: (link: Link) => boolean;
  readonly #kept = new Map<Link, Kept>();

  constructor(settings: Settings, isHeld: (profile: string) => Promise<boolean>, inUse: (link: Link) => boolean) {
    this.#settings = settings;
    this.#isHeld = isHeld;
    this.#inUse = inUse;
  }

  /** To be told of each change. */
  changed(link: Link, to: ConnectionState): void {
    const kept = this.#kept.get(link) ?? { timer: undefined, tries: 0, abort: new AbortController() };
    this.#kept.set(link, kept);
    if (to === 'connected') kept.tries = 0;
    if (to !== 'connecting') this.#plan(link, kept);
  }

  forget(link: Link): void {
    const kept = this.#kept.get(link);
    if (!kept) return;
    this.#kept.delete(link);
    clearTimeout(kept.timer);
    kept.abort.abort(new VdbError('cancelled', `the connection to ${link.endpoint} was closed`));
  }

  #plan(link: Link, kept: Kept): void {
    clearTimeout(kept.timer);
    const { state } = link;
    if (state === 'disconnected' || (state === 'error' && !mayHeal(link.error!))) return;
    // Settings that became unreadable are told by the next command; until then the link is left alone.
    this.#settings.values().then(
      values => this.#wait(link, kept, state, values),
      () => undefined,
    );
  }

  #wait(link: Link, kept: Kept, state: ConnectionState, settings: SettingValues): void {
    if (this.#kept.get(link) !== kept || link.state !== state) return;
    clearTimeout(kept.timer);
    const { probeMs, reconnectBaseMs, reconnectCapMs } = settings;
    if (state === 'connected' && (probeMs === 0 || !link.probed)) return;
    const waitMs =
      state === 'connected' ? probeMs : Math.random() * Math.min(reconnectCapMs, reconnectBaseMs * 2 ** kept.tries);
    kept.timer = setTimeout(() => {
      // Whatever came of it, what to do next is read off the link's state.
      this.#look(link, kept, settings).finally(() => this.#kept.get(link) === kept && this.#plan(link, kept));
    }, waitMs);
    kept.timer.unref();
  }

  /** Never rejects: what went wrong is the link's state. */
  async #look(link: Link, kept: Kept, { probeMs, callTimeoutMs }: SettingValues): Promise<void> {
    try {
      if (!(await this.#isHeld(link.profile.name))) return this.forget(link);
      const { state, opened } = link;
      if (state === 'connected' && performance.now() - link.answeredAt < probeMs / 2) return;
      if (state === 'error') kept.tries++;
      if (opened && (state === 'connected' || this.#inUse(link))) await ping(link, kept.abort.signal, callTimeoutMs);
      else if (state === 'error') await link.reopen(kept.abort.signal);
    } catch {
      // As said above.
    }
  }
}

/** A server that does not answer at all, neither this nor anything else meanwhile, is lost as one that cannot be reached. */
async function ping(link: Link, closed: AbortSignal, timeoutMs: number): Promise<void> {
  const started = performance.now();
  const late = new VdbError('timeout', `no answer from ${link.endpoint} within ${timeoutMs} ms`, { retryable: true });
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(late), timeoutMs);
  try {
    await link.opened!.database.ping({ signal: AbortSignal.any([closed, abort.signal]), deadlineMs: timeoutMs });
  } catch (error) {
    if (abort.signal.aborted && link.answeredAt < started && link.opened) link.fail(late);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Time heals what does not answer; what was refused, or needs a secret, waits for a person. */
function mayHeal(error: VdbError): boolean {
  return error.retryable || error.code === 'timeout';
}
