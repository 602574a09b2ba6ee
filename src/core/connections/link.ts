import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CollectionInfo } from '../../model/collection.ts';
import { VdbError } from '../../model/errors.ts';
import { abortable } from '../abortable.ts';
import type { Call, CollectionRef, Connector, Database, Options, Secrets } from '../connector.ts';
import { abortError, databaseError, silenceOf } from '../databaseError.ts';
import { guard } from '../guard.ts';
import { Limiter, limited } from '../limits.ts';
import type { StoredProfile } from '../profiles/profile.ts';
import { retried, retry } from '../retry.ts';
import type { SettingValues } from '../settings.ts';
import { VectorSpecs } from '../vectorSpecs.ts';
import { mapVerbs, VERBS, type VerbName } from '../verbs.ts';
import { Circuit } from './circuit.ts';
import { type GivenSecrets, LinkSecrets } from './linkSecrets.ts';

/** Time for a lost database to close. */
const ABANDON_MS = 1_000;

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

/** What a link tells whoever keeps it. Called synchronously; must not throw. */
export interface LinkListener {
  state?(from: ConnectionState, to: ConnectionState): void;
  /** A collection, or with `partition` a part of it, came or went. */
  collections?(change: { collection: string; partition?: string; change: 'created' | 'dropped' }): void;
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
  #told: ConnectionState = 'disconnected';
  #collections: number | null = null;
  #answeredAt = 0;
  readonly #listener: LinkListener;

  constructor(profile: StoredProfile, connector: Connector, settings: SettingValues, listener: LinkListener = {}) {
    this.profile = profile;
    this.#listener = listener;
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

  /** How many collections there are, as far as this link saw it. */
  get collections(): number | null {
    return this.#collections;
  }

  /** When the database last answered a call, on the clock of `performance`. */
  get answeredAt(): number {
    return this.#answeredAt;
  }

  /** Whether it is a server that may be asked in the background if it still answers. */
  get probed(): boolean {
    return !this.#embedded && !this.#connector.manifest.sleeps;
  }

  /** The open Database; opens it, or joins who does. `connectMs` is the time that may take. */
  async open(given: GivenSecrets, call: Call, connectMs = this.#connectMs()): Promise<Opened> {
    if (this.#opened) return this.#opened;
    const secrets = this.#secrets.take(given);
    if (!this.#opening) this.#circuit.check(this.endpoint);
    return this.#join(secrets, call, connectMs);
  }

  /**
   * Opens again what was lost, with the secrets that are known; a link that needs another is in error from then on. Its pace is
   * the caller's, whom the circuit does not stop and callers do not suffer from.
   */
  async reopen(signal: AbortSignal): Promise<void> {
    const connectMs = this.#connectMs();
    await this.abandon();
    let secrets: Secrets;
    try {
      secrets = this.#secrets.take({});
    } catch (error) {
      this.fail(error as VdbError);
      throw error;
    }
    await this.#join(secrets, { signal, deadlineMs: connectMs }, connectMs, false);
  }

  /** The database does not answer, as a caller found out who knows more than that a call failed. */
  fail(error: VdbError): void {
    this.#error = error;
    this.#tell();
  }

  async #join(secrets: Secrets, call: Call, connectMs: number, counted = true): Promise<Opened> {
    const opening = (this.#opening ??= this.#begin(
      signal => this.#connect(secrets, signal, connectMs),
      connectMs,
      counted,
    ));
    this.#tell();
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

  /** Lets go of the Database; the secrets stay. */
  async drop(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    this.#tell();
    await opened?.database.close();
  }

  /** The same for one that was lost, which may not even close: that is not waited for. */
  async abandon(): Promise<void> {
    const dropped = this.drop().catch(() => undefined);
    await Promise.race([dropped, sleep(ABANDON_MS, undefined, { ref: false })]);
  }

  get #embedded(): boolean {
    return 'path' in this.#options;
  }

  #connectMs(): number {
    const { connectTimeoutMs, embeddedConnectTimeoutMs } = this.#settings;
    return this.#embedded ? embeddedConnectTimeoutMs : connectTimeoutMs;
  }

  #tell(): void {
    const [from, to] = [this.#told, this.state];
    if (from === to) return;
    this.#told = to;
    this.#listener.state?.(from, to);
  }

  #begin(connect: (signal: AbortSignal) => Promise<Opened>, connectMs: number, counted: boolean): Opening {
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
          this.#answeredAt = performance.now();
          return opened;
        },
        error => {
          if (counted) this.#circuit.failure(error);
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
        this.#tell();
      });
    return opening;
  }

  async #connect(secrets: Secrets, signal: AbortSignal, connectMs: number): Promise<Opened> {
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

  async #connectOnce(secrets: Secrets, call: Call, texts: string[]): Promise<Database> {
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
      if (error === null) {
        this.#error = null;
        this.#answeredAt = performance.now();
      } else if (error instanceof VdbError && error.code === 'unreachable') this.#error = error;
      this.#tell();
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
          this.#noted(name, args[0], result);
          return result;
        } catch (error) {
          seen(error);
          throw error;
        }
      };
    });
  }

  /** Keeps the number of collections true, and tells about those that come and go. */
  #noted(verb: VerbName, first: unknown, result: unknown): void {
    if (verb === 'collections') this.#collections = (result as unknown[]).length;
    if (verb === 'create') {
      if (this.#collections !== null) this.#collections++;
      this.#listener.collections?.({ collection: (result as CollectionInfo).name, change: 'created' });
    }
    if (verb !== 'drop' && verb !== 'createPartition' && verb !== 'dropPartition') return;
    const { collection, partition } = first as CollectionRef;
    if (verb === 'drop' && this.#collections !== null) this.#collections--;
    const change = verb === 'createPartition' ? 'created' : 'dropped';
    this.#listener.collections?.({ collection, ...(verb === 'drop' ? {} : { partition }), change });
  }

  #tooSlow(connectMs: number): VdbError {
    return new VdbError('timeout', `connecting to ${this.endpoint} took longer than ${connectMs} ms`, {
      outcome: 'not_applied',
      retryable: true,
      hint: 'Give it longer with --timeout.',
    });
  }
}
