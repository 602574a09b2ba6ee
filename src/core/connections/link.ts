import { randomUUID } from 'node:crypto';
import { VdbError } from '../../model/errors.ts';
import { abortable } from '../abortable.ts';
import type { Call, Connector, Database, Options } from '../connector.ts';
import { abortError, databaseError, silenceOf } from '../databaseError.ts';
import { guard } from '../guard.ts';
import { Limiter, limited } from '../limits.ts';
import type { StoredProfile } from '../profiles/profile.ts';
import { retried, retry } from '../retry.ts';
import type { SettingValues } from '../settings.ts';
import { VectorSpecs } from '../vectorSpecs.ts';
import { mapVerbs, VERBS } from '../verbs.ts';
import { Circuit } from './circuit.ts';
import { type GivenSecrets, LinkSecrets } from './linkSecrets.ts';

export type ConnectionState = 'connecting' | 'connected' | 'error' | 'disconnected';

export interface Opened {
  /** Guarded, limited and retried. */
  database: Database;
  specs: VectorSpecs;
  serverVersion: string;
  latencyMs: number;
  openedAt: string;
}

interface Opening {
  promise: Promise<Opened>;
  waiting: number;
  settled: boolean;
  abort: AbortController;
}

/** The one Database that all connections of a profile share. It opens when first needed. */
export class Link {
  readonly id = randomUUID();
  readonly profile: StoredProfile;
  readonly endpoint: string;
  readonly #connector: Connector;
  readonly #settings: SettingValues;
  readonly #options: Options;
  readonly #secrets: LinkSecrets;
  readonly #circuit = new Circuit();
  #opening: Opening | undefined;
  #opened: Opened | undefined;
  #error: VdbError | null = null;

  constructor(profile: StoredProfile, connector: Connector, settings: SettingValues) {
    this.profile = profile;
    this.#connector = connector;
    this.#settings = settings;
    const defaults = connector.manifest.options.flatMap(({ name, default: value }) =>
      value === undefined ? [] : [[name, value]],
    );
    this.#options = { ...Object.fromEntries(defaults), ...profile.options };
    this.endpoint = connector.endpoint(this.#options);
    this.#secrets = new LinkSecrets(profile);
  }

  get state(): ConnectionState {
    if (this.#opening) return 'connecting';
    if (this.#error) return 'error';
    return this.#opened ? 'connected' : 'disconnected';
  }

  get error(): VdbError | null {
    return this.#error;
  }

  get opened(): Opened | undefined {
    return this.#opened;
  }

  /** The open Database; opens it, or joins who does. `connectMs` is the time that may take. */
  async open(given: GivenSecrets, call: Call, connectMs = this.#connectMs()): Promise<Opened> {
    if (this.#opened) return this.#opened;
    const secrets = this.#secrets.take(given);
    if (!this.#opening) this.#circuit.check(this.endpoint);
    const opening = (this.#opening ??= this.#begin(signal => this.#connect(secrets, signal, connectMs), connectMs));
    opening.waiting++;
    try {
      return await abortable(call.signal, 'connect', () => opening.promise);
    } catch (error) {
      const cause = error instanceof VdbError ? silenceOf(error, this.endpoint) : undefined;
      throw cause === undefined ? error : (error as VdbError).with({ cause });
    } finally {
      opening.waiting--;
      // Nobody wants it any more.
      if (opening.waiting === 0 && !opening.settled) opening.abort.abort(abortError(call.signal, 'connect'));
    }
  }

  async close(): Promise<void> {
    this.#opening?.abort.abort(new VdbError('cancelled', `the connection to ${this.endpoint} was closed`));
    this.#error = null;
    this.#secrets.forget();
    await this.drop();
  }

  /** Lets go of the Database, to open a new one with the same secrets. */
  async drop(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await opened?.database.close();
  }

  #connectMs(): number {
    const { connectTimeoutMs, embeddedConnectTimeoutMs } = this.#settings;
    return 'path' in this.#options ? embeddedConnectTimeoutMs : connectTimeoutMs;
  }

  #begin(connect: (signal: AbortSignal) => Promise<Opened>, connectMs: number): Opening {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(this.#tooSlow(connectMs)), Math.min(connectMs, 2 ** 31 - 1));
    const opening: Opening = { promise: undefined as never, waiting: 0, settled: false, abort };
    opening.promise = Promise.resolve()
      .then(() => connect(abort.signal))
      .then(
        opened => {
          this.#circuit.success();
          this.#error = null;
          this.#opened = opened;
          return opened;
        },
        error => {
          this.#circuit.failure(error);
          if (error instanceof VdbError && error.code !== 'cancelled') this.#error = error;
          // A refused password is asked for again.
          if (error instanceof VdbError && error.code === 'denied') this.#secrets.forget();
          throw error;
        },
      )
      .finally(() => {
        clearTimeout(timer);
        opening.settled = true;
        if (this.#opening === opening) this.#opening = undefined;
      });
    return opening;
  }

  async #connect(secrets: ReturnType<LinkSecrets['take']>, signal: AbortSignal, connectMs: number): Promise<Opened> {
    const { retryAttempts, retryBaseMs, retryCapMs, callsPerDatabase, callQueue } = this.#settings;
    const policy = { attempts: retryAttempts, baseMs: retryBaseMs, capMs: retryCapMs };
    const call: Call = { signal, deadlineMs: connectMs };
    const texts = this.#secrets.texts();
    const raw = await retry(() => this.#connectOnce(secrets, call, texts), { idempotent: true, call, policy });
    let specs: VectorSpecs | undefined;
    const guarded = guard(raw, this.#connector, {
      endpoint: this.endpoint,
      secrets: texts,
      specs: describe => (specs = new VectorSpecs(describe)),
    });
    try {
      const started = performance.now();
      const { serverVersion } = await guarded.ping(call);
      const limiter = new Limiter(raw.capabilities.exclusive ? 1 : callsPerDatabase, callQueue);
      return {
        database: retried(limited(this.#watched(guarded), limiter), policy),
        specs: specs!,
        serverVersion,
        latencyMs: Math.round((performance.now() - started) * 1000) / 1000,
        openedAt: new Date().toISOString(),
      };
    } catch (error) {
      await raw.close();
      throw error;
    }
  }

  async #connectOnce(secrets: ReturnType<LinkSecrets['take']>, call: Call, texts: string[]): Promise<Database> {
    const connecting = Promise.resolve().then(() => this.#connector.connect(this.#options, secrets, call));
    try {
      return await abortable(call.signal, 'connect', () => connecting);
    } catch (error) {
      // One that comes too late is closed; what it failed with is told already.
      if (call.signal.aborted) connecting.then(late => late.close()).catch(() => undefined);
      throw databaseError(error, {
        connector: this.#connector,
        verb: 'connect',
        endpoint: this.endpoint,
        secrets: texts,
      });
    }
  }

  /** The state follows what calls say: lost with the first that cannot reach the database, back with the first that can. */
  #watched(database: Database): Database {
    const seen = (error: unknown): void => {
      if (error === null) this.#error = null;
      else if (error instanceof VdbError && error.code === 'unreachable') this.#error = error;
    };
    return mapVerbs(database, (name, verb) => {
      const run = verb as (...args: unknown[]) => unknown;
      if (VERBS[name].streams) {
        return async function* (...args: unknown[]) {
          try {
            yield* run(...args) as AsyncIterable<unknown>;
            seen(null);
          } catch (error) {
            seen(error);
            throw error;
          }
        };
      }
      return async (...args: unknown[]) => {
        try {
          const result = await run(...args);
          seen(null);
          return result;
        } catch (error) {
          seen(error);
          throw error;
        }
      };
    });
  }

  #tooSlow(connectMs: number): VdbError {
    return new VdbError('timeout', `connecting to ${this.endpoint} took longer than ${connectMs} ms`, {
      outcome: 'not_applied',
      retryable: true,
      hint: 'Give it longer with --timeout.',
    });
  }
}
