import { asVdbError, VdbError } from '../model/errors.ts';
import type { Result } from '../protocol/methods/methods.ts';
import type { UpsertParams } from '../protocol/methods/record.ts';
import type { CommandContext } from './context.ts';
import type { CallLines } from './input/calls.ts';
import { monotonic } from './monotonic.ts';
import type { Progress } from './output/progress.ts';

type UpsertResult = Result<'record.upsert'>;

const ERRORS_LISTED = 100;

/**
 * Sends the calls in order and sums up their answers. One is in flight at a time, while the next is read and cut: a later
 * record of the same id must win, and nothing behind a bad line may be written.
 * Throws the first failure with the number of records written until then.
 */
export async function upsertCalls(
  context: CommandContext,
  params: Omit<UpsertParams, 'lines' | 'firstLine'>,
  input: AsyncIterable<CallLines>,
  progress: Progress,
): Promise<UpsertResult> {
  const startedAt = monotonic();
  const total: UpsertResult = { connection: '', collection: '', upserted: 0, rejected: 0, elapsedMs: 0, errors: [] };
  const add = (result: UpsertResult) => {
    total.connection = result.connection;
    total.collection = result.collection;
    total.upserted += result.upserted;
    total.rejected += result.rejected;
    total.errors.push(...result.errors.slice(0, ERRORS_LISTED - total.errors.length));
    const seconds = (monotonic() - startedAt) / 1000;
    progress.update({ done: total.upserted, rate: total.upserted / seconds });
  };
  const send = ({ lines, firstLine }: CallLines) =>
    context.call('record.upsert', { ...params, lines, firstLine, maxErrors: params.maxErrors - total.rejected });

  let inFlight: Promise<UpsertResult> | undefined;
  try {
    for await (const call of stoppable(input, context.interrupts.signal)) {
      if (inFlight) add(await inFlight);
      inFlight = send(call);
      // Its failure is met when its turn comes; until then it is not unhandled.
      inFlight.catch(() => undefined);
    }
    // An empty input still says which collection it would have gone to, and fails where a full one would.
    inFlight ??= send({ lines: [], firstLine: 1 });
    add(await inFlight);
  } catch (error) {
    throw withCount(error, total.upserted);
  } finally {
    progress.end();
  }
  total.elapsedMs = Math.round(monotonic() - startedAt);
  return total;
}

/** Ends with the abort's reason, also while the source has nothing to say. */
async function* stoppable<T>(input: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  stopped.catch(() => undefined);
  const stop = () => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  const iterator = input[Symbol.asyncIterator]();
  for (;;) {
    const next = await Promise.race([iterator.next(), stopped]);
    if (next.done) return;
    yield next.value;
  }
}

function withCount(thrown: unknown, others: number): VdbError {
  const { code, message, details } = asVdbError(thrown);
  const own = details.data?.upserted;
  const upserted = others + (typeof own === 'number' ? own : 0);
  if (upserted === 0) return new VdbError(code, message, { ...details, data: { ...details.data, upserted } });
  return new VdbError(code, message, {
    hint: `${upserted} records were written before; repeating the upsert is safe.`,
    ...details,
    outcome: 'partially_applied',
    data: { ...details.data, upserted },
  });
}
