import { VdbError } from '../model/errors.ts';
import { abortError } from './databaseError.ts';
import type { VerbName } from './verbs.ts';

/** Runs a call to a database, and rejects as soon as the signal aborts, even if the engine goes on. */
export async function abortable<T>(signal: AbortSignal, verb: VerbName | 'connect', run: () => Promise<T>): Promise<T> {
  if (signal.aborted) throw abortError(signal, verb, false);
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(abortError(signal, verb));
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([run(), aborted]);
  } catch (error) {
    // Drivers reject with words of their own when their signal aborts.
    throw signal.aborted && !(error instanceof VdbError) ? abortError(signal, verb) : error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
