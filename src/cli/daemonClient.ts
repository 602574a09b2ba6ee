import { fileURLToPath } from 'node:url';
import { VdbError } from '../model/errors.ts';
import { type Address, addresses } from '../protocol/address.ts';
import { type Directories, directories, type Environment } from '../protocol/directories.ts';
import { type MethodName, type Params, PROTOCOL, type Result } from '../protocol/methods/methods.ts';
import type { Context } from '../protocol/methods/shared.ts';
import { type CallOptions, Peer } from '../protocol/peer.ts';
import { compareVersions, VERSION } from '../version.ts';
import { dial } from './dial.ts';
import { wholeEnvironment } from './environment.ts';
import { monotonic } from './monotonic.ts';

export interface ConnectOptions {
  /** Sent with every call. */
  context: Context;
  /** Whether a daemon may be started when none runs. */
  start: boolean;
  /** Work with a child on pipes instead. */
  noDaemon: boolean;
  /** Aborts the start. */
  signal?: AbortSignal;
  startDeadlineMs?: number;
  env?: Environment;
  /** The daemon's script. */
  script?: string;
}

/** A daemon that answers, whoever started it. */
export interface Daemon {
  call<M extends MethodName>(method: M, params: Params<M>, options?: CallOptions<M>): Promise<Result<M>>;
  close(): Promise<void>;
}

type Hello = Result<'daemon.hello'>;

/** A socket on which hello was sent. */
interface Greeted {
  peer: Peer;
  greeting: Promise<Hello>;
}

const START_DEADLINE_MS = 30_000;
/** A token that stays wrong this long is that of another state directory's daemon. */
const WRONG_TOKEN_MS = 1_000;

/** Resolves when connected. Throws VdbError, `not_running` among its reasons when no daemon runs and `start` is false. */
export async function connectDaemon(options: ConnectOptions): Promise<Daemon> {
  const env = options.env ?? wholeEnvironment();
  if (options.noDaemon) {
    const { connectChild } = await import('./childDaemon.ts');
    return connectChild(options.context, env, directories(env), options.script ?? daemonScript());
  }
  const client = new DaemonClient(options, env);
  await client.connect();
  return client;
}

class DaemonClient implements Daemon {
  readonly #options: ConnectOptions;
  readonly #env: Environment;
  readonly #own: Directories;
  readonly #addresses: Address[];
  readonly #deadline: number;
  #current: Promise<Greeted> | null = null;
  #refusedSince: number | null = null;
  #closed = false;

  constructor(options: ConnectOptions, env: Environment) {
    this.#options = options;
    this.#env = env;
    this.#own = directories(env);
    this.#addresses = addresses(this.#own.stateDir, env);
    const { timeoutMs = START_DEADLINE_MS } = options.context;
    this.#deadline = monotonic() + (options.startDeadlineMs ?? Math.min(START_DEADLINE_MS, timeoutMs));
  }

  connect(): Promise<Greeted> {
    this.#current ??= this.#open();
    return this.#current;
  }

  async call<M extends MethodName>(method: M, params: Params<M>, options: CallOptions<M> = {}): Promise<Result<M>> {
    for (;;) {
      const opening = this.connect();
      const { peer, greeting } = await opening;
      try {
        const result = await peer.call(method, params, { context: this.#options.context, ...options });
        return result;
      } catch (error) {
        // Hello is answered first, so by now it is known whether this call was looked at at all.
        const again = await greeting.then(
          hello => this.#mayRepeat(error as VdbError, hello, peer),
          refusal => this.#mayGreetAgain(refusal as VdbError, peer),
        );
        if (!again || this.#closed || monotonic() >= this.#deadline) throw error;
        if (this.#current === opening) this.#current = null;
        peer.close();
        await pause();
      }
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const opened = await this.#current?.catch(() => null);
    opened?.peer.close();
  }

  async #open(): Promise<Greeted> {
    for (;;) {
      this.#options.signal?.throwIfAborted();
      const dialled = await dial(this.#addresses).catch(error => {
        if (error.code === 'busy' && monotonic() < this.#deadline) return 'busy' as const;
        throw error;
      });
      if (dialled === 'busy') {
        await pause();
        continue;
      }
      if (dialled) return this.#greet(new Peer(dialled.socket), dialled.token);
      if (!this.#options.start) throw notRunning();
      const { awaitDaemon } = await import('./awaitDaemon.ts');
      await awaitDaemon({
        addresses: this.#addresses,
        env: this.#env,
        own: this.#own,
        script: this.#options.script ?? daemonScript(),
        deadline: this.#deadline,
        signal: this.#options.signal,
      });
    }
  }

  /** Hello goes out with the first call: the daemon refuses that one itself when it must not serve it. */
  #greet(peer: Peer, token: string): Greeted {
    const { stateDir, configDir } = this.#own;
    const greeting = peer.call('daemon.hello', { token, protocol: PROTOCOL, version: VERSION, stateDir, configDir });
    const silent = setTimeout(() => peer.close(noAnswer()), Math.max(1000, this.#deadline - monotonic()));
    silent.unref();
    greeting.then(
      () => clearTimeout(silent),
      () => clearTimeout(silent),
    );
    return { peer, greeting };
  }

  /** After a hello that was answered: nothing is repeated but what the daemon said it did not look at. */
  async #mayRepeat(error: VdbError, hello: Hello, peer: Peer): Promise<boolean> {
    const { reason } = error.details;
    if (!this.#options.start) return false;
    if (isStopping(error)) return true;
    if (error.code !== 'protocol' || reason !== 'version_skew') return false;
    const newer =
      PROTOCOL > hello.protocol || (PROTOCOL === hello.protocol && compareVersions(VERSION, hello.version) > 0);
    // An older daemon finishes what it has in hand; the next attempt waits for its end and starts this version's.
    if (newer) await peer.call('daemon.stop', {}).catch(passOverEnd);
    return newer;
  }

  /** The daemon closed before hello was accepted, so it looked at nothing. */
  #mayGreetAgain(refusal: VdbError, peer: Peer): boolean {
    if (refusal.code === 'unreachable') return !peer.answered;
    if (isStopping(refusal)) return this.#options.start;
    if (refusal.code !== 'denied') throw refusal;
    // A daemon that started between our reading of the token and our connecting has another one.
    this.#refusedSince ??= monotonic();
    if (monotonic() - this.#refusedSince < WRONG_TOKEN_MS) return true;
    throw new VdbError('config', `the daemon at ${this.#addresses[0]?.socket} does not know this caller's token`, {
      reason: 'other_directories',
      hint: 'It serves another state directory: unset VDB_SOCKET, or set VDB_STATE_DIR to the one it serves.',
    });
  }
}

/** Another client was quicker to stop it. */
function passOverEnd(error: VdbError): void {
  if (error.code !== 'unreachable' && !isStopping(error)) throw error;
}

/** The daemon ends, and says that it did not begin this. */
function isStopping({ code, details }: VdbError): boolean {
  return code === 'busy' && details.reason === 'stopping' && details.outcome === 'not_applied';
}

/** Next to the bundled client, or in the sources. */
export function daemonScript(): string {
  const url = import.meta.url;
  return fileURLToPath(new URL(url.endsWith('.ts') ? '../daemon/main.ts' : './vdbd.js', url));
}

function notRunning(): VdbError {
  return new VdbError('unreachable', 'no daemon is running', {
    reason: 'not_running',
    hint: 'Leave out --no-start, or start one with vdb daemon start.',
  });
}

function noAnswer(): VdbError {
  return new VdbError('unreachable', 'the daemon took the connection and does not answer', {
    reason: 'network',
    hint: 'If it hangs, end the vdbd process and repeat the command.',
  });
}

function pause(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 20 + Math.random() * 30));
}
