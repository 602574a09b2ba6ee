import { connector as memory } from '../../src/connectors/memory/connector.ts';
import type { Call, Connector, Database } from '../../src/core/connector.ts';
import { VdbError } from '../../src/model/errors.ts';

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
    ...memory,
    classify: error =>
      (error as { code?: string }).code === 'ECONNREFUSED'
        ? { code: 'unreachable', reason: 'refused' }
        : (error as { code?: string }).code === 'ECONNRESET'
          ? { code: 'unreachable', reason: 'reset' }
          : { code: 'internal' },
    async connect(options, secrets, call) {
      const database = await memory.connect(options, secrets, call);
      return withVerbs(database, change(database));
    },
    ...connector,
  };
}

/** The database with `changed` in place of its own. */
export function withVerbs(database: Database, changed: Partial<Record<keyof Database, unknown>>): Database {
  return new Proxy(database, {
    get(target, name) {
      if (name in changed) return Reflect.get(changed, name);
      const verb = Reflect.get(target, name);
      return typeof verb === 'function' ? verb.bind(target) : verb;
    },
  });
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
