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
 * Sends the calls in order, two in flight, and sums up their answers. The first alone, so that secrets are asked for once;
 * and one at a time when bad lines are allowed, because how many still are is known only from the answer.
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

  const inFlight: Promise<UpsertResult>[] = [];
  const settleFirst = async () => add(await inFlight.shift()!);
  let answered = false;
  try {
    for await (const call of stoppable(input, context.interrupts.signal)) {
      const sent = send(call);
      // Its failure is met when its turn comes; until then it is not unhandled.
      sent.catch(() => undefined);
      inFlight.push(sent);
      const allowed = answered && params.maxErrors === 0 ? 2 : 1;
      while (inFlight.length >= allowed) {
        await settleFirst();
        answered = true;
      }
    }
    // An empty input still says which collection it would have gone to, and fails where a full one would.
    if (!answered) inFlight.push(send({ lines: [], firstLine: 1 }));
    while (inFlight.length > 0) await settleFirst();
  } catch (error) {
    const later = await Promise.allSettled(inFlight);
    const more = later.map(result => (result.status === 'fulfilled' ? result.value.upserted : 0));
    throw withCount(
      error,
      more.reduce((sum, count) => sum + count, total.upserted),
    );
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
