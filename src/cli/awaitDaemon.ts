import { setTimeout as sleep } from 'node:timers/promises';
import { VdbError } from '../model/errors.ts';
import type { Address } from '../protocol/address.ts';
import type { Directories, Environment } from '../protocol/directories.ts';
import { lives, topLock } from '../protocol/owner.ts';
import { monotonic } from './monotonic.ts';
import { startDaemon } from './spawnDaemon.ts';

export interface Awaited {
  addresses: Address[];
  env: Environment;
  own: Directories;
  script: string;
  /** On the clock of `performance`. */
  deadline: number;
  signal?: AbortSignal;
}

/**
 * Brings a daemon nearer: waits a little when one is on its way or still leaving, else starts one.
 * Returns when it is worth dialling again. Throws VdbError `unreachable`, or what kept the daemon from starting.
 */
export async function awaitDaemon({ addresses, env, own, script, deadline, signal }: Awaited): Promise<void> {
  const left = deadline - monotonic();
  const owner = addresses.map(({ directory }) => topLock(directory)).find(lock => lock && lives(lock))?.owner;
  if (left <= 0) {
    throw new VdbError(
      'unreachable',
      owner ? `the daemon (pid ${owner.pid}) does not answer` : 'the daemon did not start in time',
      {
        reason: 'start_failed',
        hint: owner ? `If it hangs, end it: kill ${owner.pid}` : `Its log may say why: ${own.stateDir}/vdbd.log`,
      },
    );
  }
  if (!owner) {
    const late = AbortSignal.timeout(Math.ceil(left));
    try {
      return await startDaemon(env, own, script, signal ? AbortSignal.any([signal, late]) : late);
    } catch (error) {
      // Of several daemons started at once all but one say this.
      if (!(error instanceof VdbError && error.details.reason === 'locked') && error !== late.reason) throw error;
    }
  }
  await sleep(20 + Math.random() * 30);
}
