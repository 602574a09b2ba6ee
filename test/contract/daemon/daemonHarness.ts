import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectDaemon } from '../../../src/cli/daemonClient.ts';
import type { OptionValue } from '../../../src/model/manifest.ts';
import type { DaemonHarness } from '../contract.ts';
import type { CallMethod } from '../daemonSubject.ts';

const CONTEXT = { session: 'default', cwd: '/', umask: 0o022, readOnly: false };

/**
 * A daemon of its own from the sources, reached over its socket, with one profile; `options` are given a directory for data,
 * `secrets` travel as a caller's answers do.
 */
export function daemonHarness(
  provider: string,
  options: (directory: string) => Record<string, OptionValue>,
  secrets: Record<string, string> = {},
): DaemonHarness {
  return {
    provider,
    async open() {
      const home = await mkdtemp(join(tmpdir(), 'vdb-contract-'));
      const env = {
        PATH: process.env.PATH ?? '',
        HOME: home,
        VDB_CONFIG_DIR: join(home, 'config'),
        VDB_STATE_DIR: join(home, 'state'),
      };
      mkdirSync(env.VDB_CONFIG_DIR);
      const remove = () => rm(home, { recursive: true, force: true });
      const daemon = await connectDaemon({ context: CONTEXT, start: true, noDaemon: false, env }).catch(async error => {
        await remove();
        throw error;
      });
      const { pid } = await daemon.call('daemon.status', {});
      const call: CallMethod = (method, params, onItem) =>
        daemon.call(method, params, {
          secrets: { tested: secrets },
          ...(onItem && { onItems: items => items.forEach(onItem) }),
        });
      const close = async () => {
        await daemon.call('daemon.stop', {});
        await daemon.close();
        await ended(pid);
        await remove();
      };
      try {
        await call('profile.add', {
          name: 'tested',
          provider,
          options: options(join(home, 'data')),
          secretSources: Object.fromEntries(Object.keys(secrets).map(name => [name, 'prompt'])),
          tags: [],
          folder: null,
          description: null,
          defaultCollection: null,
          test: true,
          dryRun: false,
        });
        await call('connection.open', { profile: 'tested' });
      } catch (error) {
        await close();
        throw error;
      }
      return { call, connection: 'tested', close };
    },
  };
}

async function ended(pid: number): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (alive(pid)) {
    if (Date.now() > deadline) throw new Error(`daemon ${pid} did not stop within 15 s`);
    await sleep(20);
  }
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
