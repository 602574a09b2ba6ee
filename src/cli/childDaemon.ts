import type { Readable } from 'node:stream';
import { VdbError } from '../model/errors.ts';
import type { Directories, Environment } from '../protocol/directories.ts';
import type { MethodName, Params, Result } from '../protocol/methods/methods.ts';
import type { Context } from '../protocol/methods/shared.ts';
import { type CallOptions, Peer } from '../protocol/peer.ts';
import type { Daemon } from './daemonClient.ts';
import { readiness, startChild } from './spawnDaemon.ts';

/** `--no-daemon`: the same protocol over the pipes of a child, which ends when this side closes. */
export function connectChild(context: Context, env: Environment, own: Directories, script: string): Daemon {
  const child = startChild(env, own, script);
  const peer = new Peer(child.stdout!, child.stdin!);
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()));
  const ready = child.stdio[3] as Readable;
  const started = readiness(child, ready, own).finally(() => ready.destroy());
  started.catch(() => undefined);

  async function call<M extends MethodName>(
    method: M,
    params: Params<M>,
    options: CallOptions<M> = {},
  ): Promise<Result<M>> {
    try {
      return await peer.call(method, params, { context, ...options });
    } catch (error) {
      // A child that could not start says why on its own pipe.
      if (error instanceof VdbError && error.code === 'unreachable' && !peer.answered) await started;
      throw error;
    }
  }

  return {
    call,
    /** Waits for the child's end: until then it holds the locks of embedded databases. */
    async close() {
      peer.close();
      await ended;
    },
  };
}
