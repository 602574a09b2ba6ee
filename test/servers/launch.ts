import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Access, ServerName } from './access.ts';
import { freePorts, isFree } from './freePorts.ts';
import { install } from './install.ts';
import type { Kind } from './kind.ts';
import { kindOf } from './kinds.ts';
import { endProcess, identify, lives, type ProcessId } from './processLife.ts';

const PREFIX = 'vdb-server-';
const READY_MS = 120_000;

/** An instance of a server that serves. It is plain data, so another process can stop it. */
export interface Running extends ProcessId {
  name: ServerName;
  version: string;
  port: number;
  /** A temporary directory, removed by `stopServer`. */
  data: string;
  secret: string;
  access: Access;
}

/**
 * Starts an instance of its own: detached, data in a temporary directory, on free ports of 127.0.0.1, installing it first when needed.
 * `again`: the data, port and password of an instance that has ended, to see how a restart is met.
 */
export async function startServer(
  name: ServerName,
  again?: Pick<Running, 'data' | 'port' | 'secret'>,
): Promise<Running> {
  const kind = kindOf(name);
  const home = await install(kind);
  const data = again?.data ?? (await mkdtemp(join(tmpdir(), PREFIX)));
  try {
    const port = again?.port ?? (await freePorts(kind.ports));
    if (!(await isFree(port))) throw new Error(`port ${port} is taken`);
    const secret = again?.secret ?? randomBytes(12).toString('hex');
    return await launch(kind, { home, data, port, secret });
  } catch (error) {
    if (!again) await rm(data, { recursive: true, force: true });
    throw error;
  }
}

async function launch(
  kind: Kind,
  place: { home: string; data: string; port: number; secret: string },
): Promise<Running> {
  const { name, version } = kind;
  const { data, port, secret } = place;
  const launch = await kind.prepare(place);
  const logPath = join(data, 'server.log');
  const log = openSync(logPath, 'a', 0o644);
  const child = spawn(launch.command, launch.args, {
    cwd: data,
    env: { PATH: process.env.PATH, HOME: data, ...launch.env },
    detached: true,
    stdio: ['ignore', log, log],
    ...(launch.uid !== undefined && { uid: launch.uid, gid: launch.gid }),
  });
  closeSync(log);
  const spawned = await new Promise<Error | undefined>(resolve => {
    child.once('error', resolve);
    child.once('spawn', () => resolve(undefined));
  });
  if (spawned) throw new Error(`${launch.command} does not start: ${spawned.message}`);
  child.unref();
  const id = identify(child.pid!);
  const deadline = performance.now() + READY_MS;
  let fault: unknown;
  while (id !== undefined && lives(id) && performance.now() < deadline) {
    fault = await launch.ready().catch((error: unknown) => error ?? new Error('not ready'));
    // an answer may come from another server on the port: ours must still be there
    if (fault === undefined && lives(id)) return { name, version, ...id, port, data, secret, access: launch.access };
    await sleep(100);
  }
  const how = id === undefined || !lives(id) ? 'ended at once' : `is not ready after ${READY_MS / 1000} s (${fault})`;
  if (id) await endProcess(id, kind.signal);
  const tail = (await readFile(logPath, 'utf8').catch(() => '')).trim().slice(-2_000);
  throw new Error(`${name} ${how}: ${tail || 'it said nothing'}`);
}

/** Ends an instance, waits until it is gone and removes its data. `SIGKILL` or `keepData` are for tests of a crash. */
export async function stopServer(
  running: Running,
  how: { signal?: NodeJS.Signals; keepData?: boolean } = {},
): Promise<{ killed: boolean }> {
  const outcome = await endProcess(running, how.signal ?? kindOf(running.name).signal);
  // only ever a directory made above
  if (!how.keepData && running.data.startsWith(join(tmpdir(), PREFIX)))
    await rm(running.data, { recursive: true, force: true, maxRetries: 5 });
  return outcome;
}
