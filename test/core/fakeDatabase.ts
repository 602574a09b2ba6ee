import type { Call, Connector, Database } from '../../src/core/connector.ts';
import { VdbError } from '../../src/model/errors.ts';
import { memoryConnector } from '../contract/memory/memoryConnector.ts';

/** A call that nobody cancels. */
export function newCall(signal: AbortSignal = new AbortController().signal, deadlineMs = 10_000): Call {
  return { signal, deadlineMs };
}

/** The memory connector with verbs replaced: what a test needs to go wrong goes wrong, the rest is real. */
export function connectorWith(
  change: (database: Database) => Partial<Record<keyof Database, unknown>>,
  connector: Partial<Connector> = {},
): Connector {
  return {
    ...memoryConnector,
    classify: error =>
      (error as { code?: string }).code === 'ECONNREFUSED'
        ? { code: 'unreachable', reason: 'refused' }
        : (error as { code?: string }).code === 'ECONNRESET'
          ? { code: 'unreachable', reason: 'reset' }
          : { code: 'internal' },
    async connect(options, secrets, call) {
      const database = await memoryConnector.connect(options, secrets, call);
      return { ...database, ...change(database) } as Database;
    },
    ...connector,
  };
}

export function rawError(code: string, message = code): Error {
  return Object.assign(new Error(message), { code });
}

/** The VdbError that `work` must fail with. */
export async function failure(work: Promise<unknown>): Promise<VdbError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof VdbError) return error;
  throw new Error(`not a VdbError: ${error}`);
}
