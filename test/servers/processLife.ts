import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const PROC = existsSync('/proc/self/stat');

/** A process for certain: a pid alone may have been given to another one. `began` is its start time in clock ticks, 0 where there is no /proc. */
export interface ProcessId {
  pid: number;
  began: number;
}

/** What `/proc/PID/stat` says; the command in it may hold spaces and parentheses. */
export function parseStat(text: string): { state: string; threads: number; began: number } {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0]!, threads: Number(fields[17]), began: Number(fields[19]) };
}

/**
 * The identity of a running process; undefined when it is gone or only waits to be reaped. The first thread of a dying
 * process is a zombie before the others have ended, and until then its ports and locks are held.
 */
export function identify(pid: number): ProcessId | undefined {
  if (!PROC) {
    try {
      process.kill(pid, 0);
      return { pid, began: 0 };
    } catch {
      return undefined;
    }
  }
  try {
    const { state, threads, began } = parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return state === 'X' || (state === 'Z' && threads <= 1) ? undefined : { pid, began };
  } catch {
    return undefined;
  }
}

/** Whether that very process runs; a zombie, which still answers `kill -0`, does not. */
export function lives(id: ProcessId): boolean {
  const now = identify(id.pid);
  return now !== undefined && now.began === id.began;
}

/** Signals that very process and waits until it is gone, killing it after `patienceMs`. Tells whether it had to. */
export async function endProcess(
  id: ProcessId,
  signal: NodeJS.Signals,
  patienceMs = 40_000,
): Promise<{ killed: boolean }> {
  const send = (which: NodeJS.Signals) => {
    if (lives(id)) process.kill(id.pid, which);
  };
  send(signal);
  if (await goneWithin(id, patienceMs)) return { killed: false };
  send('SIGKILL');
  if (!(await goneWithin(id, 10_000))) throw new Error(`process ${id.pid} survives SIGKILL`);
  return { killed: true };
}

async function goneWithin(id: ProcessId, ms: number): Promise<boolean> {
  const deadline = performance.now() + ms;
  while (lives(id)) {
    if (performance.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}
