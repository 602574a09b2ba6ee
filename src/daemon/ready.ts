import { closeSync, writeSync } from 'node:fs';
import { errorToJson, type VdbError } from '../model/errors.ts';
import type { Environment } from '../protocol/directories.ts';

export type Readiness = { ready: { pid: number; socket: string } } | { error: ReturnType<typeof errorToJson> };

/**
 * Tells the process that started this one, in one line on the descriptor it named, how the start went; then closes it.
 * Without a starter only an error is told, on stderr.
 */
export function tellStarter(env: Environment, told: { pid: number; socket: string } | VdbError): void {
  const failed = told instanceof Error;
  const descriptor = Number(env.VDB_READY_FD);
  if (!Number.isInteger(descriptor) || descriptor < 3) {
    if (failed) process.stderr.write(`vdbd: ${told.message}\n${told.details.hint ? `${told.details.hint}\n` : ''}`);
    return;
  }
  const line: Readiness = failed ? { error: errorToJson(told) } : { ready: told };
  try {
    writeSync(descriptor, `${JSON.stringify(line)}\n`);
    closeSync(descriptor);
  } catch (error) {
    // The starter was killed meanwhile; its daemon stays.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}
