import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { type ErrorJson, errorFromJson, VdbError } from '../model/errors.ts';
import type { Directories, Environment } from '../protocol/directories.ts';
import { makeDirectory } from '../protocol/makeDirectory.ts';

/** Variables that a daemon may see; whatever else its starter had, keys and passwords above all, stays with the starter. */
const ALLOWED =
  /^(PATH|HOME|LANG|LC_\w+|TZ|XDG_\w+|VDB_\w+|HTTPS_PROXY|https_proxy|NO_PROXY|no_proxy|SSL_CERT_\w+|NODE_EXTRA_CA_CERTS)$/;
const SECRET = /KEY|PASS|SECRET|TOKEN/;

/** No core dumps: they would hold every secret. */
export const SHELL = ['-c', 'umask 077; ulimit -c 0; exec "$@"', 'vdbd'];

/** Starts a daemon that outlives this process. Resolves when it serves; throws VdbError: its own, or `unreachable`. */
export async function startDaemon(
  env: Environment,
  own: Directories,
  script: string,
  signal: AbortSignal,
): Promise<void> {
  const log = openLog(own);
  let child: ChildProcess;
  try {
    // Nothing of this process's stdio may be inherited, or `$(vdb …)` would wait for the daemon's end.
    child = spawn('/bin/sh', [...SHELL, process.execPath, script], {
      detached: true,
      cwd: '/',
      env: { ...allowed(env), VDB_READY_FD: '3' },
      stdio: ['ignore', log ?? 'ignore', log ?? 'ignore', 'pipe'],
    });
  } finally {
    if (log !== null) closeSync(log);
  }
  const ready = child.stdio[3] as Readable;
  try {
    await readiness(child, ready, own, signal);
  } finally {
    ready.destroy();
    child.unref();
  }
}

/** A daemon on pipes that ends with this process. */
export function startChild(env: Environment, own: Directories, script: string): ChildProcess {
  const log = openLog(own);
  try {
    return spawn('/bin/sh', [...SHELL, process.execPath, script, '--stdio'], {
      // Ctrl-C is for the client, which cancels; a daemon in its process group would get it too.
      detached: true,
      cwd: '/',
      env: { ...allowed(env), VDB_READY_FD: '3' },
      stdio: ['pipe', 'pipe', log ?? 'ignore', 'pipe'],
    });
  } finally {
    if (log !== null) closeSync(log);
  }
}

/** Reads the one line that tells how the start went. */
export function readiness(child: ChildProcess, ready: Readable, own: Directories, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    const failed = (cause: string) => {
      reject(
        new VdbError('unreachable', 'the daemon did not start', {
          reason: 'start_failed',
          cause,
          hint: `Its log may say why: ${join(own.stateDir, 'vdbd.log')}`,
        }),
      );
    };
    child.on('error', error => failed(error.message));
    child.on('exit', (code, killed) =>
      setImmediate(() => text.includes('\n') || failed(`it ended with ${killed ?? code}`)),
    );
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    ready.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (!text.includes('\n')) return;
      const line = JSON.parse(text) as { error?: ErrorJson };
      if (line.error) reject(errorFromJson(line.error));
      else resolve();
    });
  });
}

export function allowed(env: Environment): Record<string, string> {
  const kept = Object.entries(env).filter(
    ([name, value]) => value !== undefined && ALLOWED.test(name) && !SECRET.test(name),
  );
  return Object.fromEntries(kept) as Record<string, string>;
}

/** What Node itself or a native library says goes to the daemon's log; without one, nowhere. */
function openLog({ stateDir }: Directories): number | null {
  const path = join(stateDir, 'vdbd.log');
  try {
    makeDirectory(dirname(path));
    return openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  } catch {
    // A state directory that cannot be written is the daemon's to report.
    return null;
  }
}
