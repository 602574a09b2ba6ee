import { setTimeout as sleep } from 'node:timers/promises';
import { VdbError } from '../model/errors.ts';
import type { CommandContext } from './context.ts';
import { monotonic } from './monotonic.ts';

/** The daemon drains up to 10 s. */
const GONE_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 25;

/** Stops the daemon and waits until its process is gone; false when none was running. */
export async function stopDaemon(context: CommandContext, now: boolean): Promise<boolean> {
  if (!(await context.runningDaemon())) return false;
  const { pid } = await context.call('daemon.stop', { now });
  await context.close();
  const until = monotonic() + GONE_WITHIN_MS;
  while (isAlive(pid)) {
    if (monotonic() > until) {
      throw new VdbError('busy', `the daemon (pid ${pid}) is still stopping`, {
        reason: 'stopping',
        hint: 'Repeat with --now to abort what runs.',
      });
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal: context.interrupts.signal });
  }
  return true;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
