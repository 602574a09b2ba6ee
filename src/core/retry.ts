import { setTimeout as sleep } from 'node:timers/promises';
import { VdbError } from '../model/errors.ts';
import type { Call, CollectionRef, Cursor, Database, ScanPage, ScanRequest } from './connector.ts';
import { mapVerbs, VERBS } from './verbs.ts';

export interface RetryPolicy {
  /** In all, the first one included. */
  attempts: number;
  baseMs: number;
  capMs: number;
}

/**
 * Runs `attempt` (numbered from 1) until it succeeds, may not be repeated, or the deadline is nearer than the next try. Waits with
 * full jitter, or as long as the server asked. Only retryable errors are repeated, and of those only the ones that had no
 * effect, unless the call is `idempotent`.
 */
export async function retry<T>(
  attempt: (number: number) => Promise<T>,
  { idempotent, call, policy }: { idempotent: boolean; call: Call; policy: RetryPolicy },
): Promise<T> {
  const started = performance.now();
  for (let number = 1; ; number++) {
    try {
      return await attempt(number);
    } catch (error) {
      if (!(error instanceof VdbError)) throw error;
      const waitMs = waitOf(error, number, policy);
      const leftMs = call.deadlineMs - (performance.now() - started);
      const again = mayRepeat(error, idempotent) && number < policy.attempts && waitMs < leftMs && !call.signal.aborted;
      if (!again) throw number === 1 ? error : counted(error, number);
      await sleep(waitMs, undefined, { signal: call.signal }).catch(() => {
        throw counted(error, number);
      });
    }
  }
}

/** The Database with every verb repeated where that is safe; a scan continues behind its last page. */
export function retried(database: Database, policy: RetryPolicy): Database {
  const repeated = mapVerbs(database, (name, verb) => {
    const run = verb as (...args: unknown[]) => unknown;
    const { idempotent, streams } = VERBS[name];
    if (streams) return run;
    return (...args: unknown[]) =>
      retry(number => run(...(name === 'upsert' && number > 1 ? withoutAbsent(args) : args)) as Promise<unknown>, {
        idempotent,
        call: args.at(-1) as Call,
        policy,
      });
  });
  if (!database.scan) return repeated;
  return {
    ...repeated,
    capabilities: database.capabilities,
    scan: (ref, request, call) => scan(database, ref, request, call, policy),
  };
}

/** What a first attempt wrote may be there now. */
function withoutAbsent([ref, batch, options, call]: unknown[]): unknown[] {
  return [ref, batch, { ...(options as object), absent: false }, call];
}

async function* scan(
  database: Database,
  ref: CollectionRef,
  request: ScanRequest,
  call: Call,
  policy: RetryPolicy,
): AsyncIterable<ScanPage> {
  let after: Cursor | undefined = request.after;
  let seen = 0;
  let iterator: AsyncIterator<ScanPage> | undefined;
  try {
    for (;;) {
      const step = await retry(
        number => {
          if (number > 1 || !iterator) {
            const limit = request.limit === undefined ? undefined : request.limit - seen;
            iterator = database.scan!(ref, { ...request, after, limit }, call)[Symbol.asyncIterator]();
          }
          return iterator.next();
        },
        { idempotent: true, call, policy },
      );
      if (step.done) return;
      after = step.value.cursor;
      seen += step.value.batch.count;
      yield step.value;
      if (request.limit !== undefined && seen >= request.limit) return;
    }
  } finally {
    await iterator?.return?.();
  }
}

function mayRepeat(error: VdbError, idempotent: boolean): boolean {
  if (error.code === 'timeout' || error.code === 'cancelled') return false;
  return error.retryable && (idempotent || error.details.outcome === 'not_applied');
}

function waitOf(error: VdbError, number: number, { baseMs, capMs }: RetryPolicy): number {
  return error.details.retryAfterMs ?? Math.random() * Math.min(capMs, baseMs * 2 ** (number - 1));
}

function counted(error: VdbError, attempts: number): VdbError {
  const again = new VdbError(error.code, error.message, { ...error.details, attempts });
  if (error.stack) again.stack = error.stack;
  return again;
}
