import { join } from 'node:path';
import { asVdbError, VdbError } from '../model/errors.ts';
import { addresses } from '../protocol/address.ts';
import { type Directories, directories, type Environment } from '../protocol/directories.ts';
import type { DaemonStatus } from '../protocol/methods/daemon.ts';
import { type MethodName, PROTOCOL } from '../protocol/methods/methods.ts';
import { HEARTBEAT_MS } from '../protocol/owner.ts';
import { VERSION } from '../version.ts';
import { type Claim, claimOne } from './claim.ts';
import type { DeadlineSettings } from './deadline.ts';
import type { Handlers } from './handler.ts';
import { INSTANCE } from './instance.ts';
import { Lifecycle } from './lifecycle.ts';
import { type Limits, limitsFrom } from './limits.ts';
import { Log } from './log.ts';
import type { ParamsSchemas } from './params/shared.ts';
import { tellStarter } from './ready.ts';
import type { Services } from './services.ts';

/** What the parts that are loaded after the claim are given. */
export interface Host extends Directories {
  log: Log;
  /** Everything of `daemon.status` but what connections and jobs tell. */
  status(): Omit<DaemonStatus, 'connections' | 'jobs'>;
  stop(now: boolean): void;
}

/** What serves, once it is loaded. */
export interface Assembly {
  handlers: Handlers;
  schemas: ParamsSchemas<MethodName>;
  services: Services;
  deadlines(): Promise<DeadlineSettings>;
  /** Ends what would not end by itself: called when nothing new is served any more. */
  drain(): void;
  /** Ends connections; resolves when nothing is left to lose. */
  close(): Promise<void>;
}

/** Time for databases to close at the end. */
const CLOSE_MS = 5_000;

/**
 * The life of `vdbd`. Before the claim is won nothing is loaded but what comes with Node: of many that are started together
 * all but one end here. `load` brings the rest.
 */
export async function runDaemon(
  argv: string[],
  env: Environment,
  load: (host: Host) => Promise<Assembly>,
): Promise<void> {
  // Without a listener this signal opens the inspector, on a port that any user may connect to.
  process.on('SIGUSR1', () => undefined);
  process.umask(0o077);
  let log: Log | null = null;
  const crashed = (error: unknown) => {
    log?.error('crashed', { error });
    process.exit(70);
  };
  process.on('uncaughtException', crashed);
  process.on('unhandledRejection', crashed);
  try {
    const stdio = readArguments(argv);
    refuseInjectedCode(env);
    const own = directories(env);
    log = new Log(join(own.stateDir, 'vdbd.log'), env.VDB_LOG);
    process.on('SIGHUP', () => log?.reopen());
    const claim = stdio ? null : await claimOne(addresses(own.stateDir, env));
    await serve(env, own, log, claim, load);
  } catch (error) {
    const told = asVdbError(error);
    if (told.code === 'internal') log?.error('start', { error });
    tellStarter(env, told);
    process.exitCode = told.exit;
    // Nothing may keep a daemon alive that does not serve.
    setImmediate(() => process.exit());
  }
}

async function serve(
  env: Environment,
  own: Directories,
  log: Log,
  claim: Claim | null,
  load: (host: Host) => Promise<Assembly>,
) {
  const limits = limitsFrom(env);
  const lifecycle = new Lifecycle(limits);
  const status = () => ({
    running: true,
    pid: process.pid,
    version: VERSION,
    protocol: PROTOCOL,
    socket: claim?.address.socket ?? '',
    startedAt: lifecycle.startedAt.toISOString(),
    rssBytes: process.memoryUsage.rss(),
  });
  const host: Host = { ...own, log, status, stop: now => lifecycle.stop('asked', now) };
  // While these load, callers wait in the socket's queue.
  const [assembly, { Dispatcher }, { Server }] = await Promise.all([
    load(host),
    import('./dispatcher.ts'),
    import('./server.ts'),
  ]);
  const dispatcher = new Dispatcher({ ...assembly, lifecycle, limits, log, instance: INSTANCE });
  const server = new Server(dispatcher, own, limits);
  lifecycle.onDrain = reason => {
    log.info('draining', { reason, inFlight: lifecycle.inFlight });
    // A new daemon may not start yet, for the lock is ours, but no caller comes here any more.
    claim?.release();
    assembly.drain();
    void finish();
  };
  const finish = async () => {
    await lifecycle.settled();
    await server.close(claim?.server ?? null);
    await Promise.race([assembly.close(), new Promise(resolve => setTimeout(resolve, CLOSE_MS))]);
    log.info('stopped');
    process.exit(0);
  };
  endOnSignals(lifecycle);
  log.info('started', { version: VERSION, socket: claim?.address.socket ?? 'stdio', node: process.version });
  if (claim) {
    claim.onSocket(socket => server.accept(socket, claim.token));
    watch(claim, lifecycle, limits, assembly.services);
  } else {
    server.serve(process.stdin, process.stdout, null, () => lifecycle.stop('end of input', true));
  }
  tellStarter(env, { pid: process.pid, socket: claim?.address.socket ?? '' });
}

/** The first signal drains; a second leaves at once. */
function endOnSignals(lifecycle: Lifecycle): void {
  const exits = { SIGTERM: 143, SIGINT: 130 };
  for (const [signal, exit] of Object.entries(exits)) {
    process.on(signal, () => {
      if (lifecycle.draining) process.exit(exit);
      lifecycle.stop(signal, false);
    });
  }
}

/** Looks whether the public socket still is ours, and whether anybody needs this process. */
function watch(claim: Claim, lifecycle: Lifecycle, limits: Limits, services: Services): void {
  const look = async (): Promise<void> => {
    if (lifecycle.draining) return;
    if (!claim.holds()) return lifecycle.stop('the socket was taken away', false);
    const idleMs = limits.idleExitMs ?? (await idleExitMs(services));
    if (services.status().jobs === 0 && lifecycle.idleMs >= idleMs) return lifecycle.stop('idle', false);
    again(Math.min(limits.watchMs, idleMs));
  };
  const again = (ms: number): void => void setTimeout(() => void look(), ms).unref();
  again(Math.min(limits.watchMs, limits.idleExitMs ?? limits.watchMs));
  setInterval(() => claim.holds() && claim.touch(), HEARTBEAT_MS).unref();
}

/** How long a daemon stays without a call; longer while it holds connections, open or to be opened again. */
async function idleExitMs({ settings, connections }: Services): Promise<number> {
  const values = await settings.values().catch(async () => (await import('../core/settings.ts')).DEFAULTS);
  const held = (await connections.list().catch(() => [])).some(connection => connection.held);
  return held ? values.heldIdleExitMs : values.idleExitMs;
}

function readArguments(argv: string[]): boolean {
  const unknown = argv.find(argument => argument !== '--stdio');
  if (unknown !== undefined) {
    throw new VdbError('usage', `vdbd does not know the argument ${unknown}`, { hint: 'Usage: vdbd [--stdio]' });
  }
  return argv.includes('--stdio');
}

/** Code that the environment brings in, or a debugger, would have every open connection in its hands. */
function refuseInjectedCode(env: Environment): void {
  const given = [...process.execArgv, ...(env.NODE_OPTIONS ?? '').split(/\s+/)];
  const bad = given.find(option =>
    /^(--inspect|--debug|--require|--import|--loader|--experimental-loader|-r$)/.test(option),
  );
  if (bad === undefined) return;
  throw new VdbError('config', `vdbd does not start with the Node.js option ${bad.split('=')[0]}`, {
    hint: 'Unset NODE_OPTIONS.',
  });
}
