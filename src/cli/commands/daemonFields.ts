import { addresses } from '../../protocol/address.ts';
import { directories } from '../../protocol/directories.ts';
import type { DaemonStatus } from '../../protocol/methods/daemon.ts';
import type { CommandContext } from '../context.ts';
import { wholeEnvironment } from '../environment.ts';

/** Prints the daemon's status; without one, that none runs and where it would listen. */
export async function printDaemon(context: CommandContext, status: DaemonStatus | undefined): Promise<void> {
  const absent = { pid: null, version: null, protocol: null, startedAt: null, rssBytes: null, connections: 0, jobs: 0 };
  await context.output.one(status ?? { running: false, ...absent, socket: socketPath() });
}

function socketPath(): string | null {
  const env = wholeEnvironment();
  return addresses(directories(env).stateDir, env)[0]?.socket ?? null;
}
