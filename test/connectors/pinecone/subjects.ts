import { connector } from '../../../src/connectors/pinecone/connector.ts';
import type { Call, CollectionRef, Database, Options, Secrets } from '../../../src/core/connector.ts';
import { guard } from '../../../src/core/guard.ts';
import { Secret } from '../../../src/core/secret.ts';
import { mapVerbs, VERBS } from '../../../src/core/verbs.ts';
import { type DoubleOptions, PineconeDouble } from '../../doubles/pinecone/pineconeDouble.ts';
import { server } from '../../servers/server.ts';

export interface Place {
  options: Options;
  secrets: Secrets;
  close(): Promise<void>;
}

/**
 * Pinecone's cloud (or what `VDB_TEST_PINECONE_URL` names) with the key in `VDB_TEST_PINECONE_API_KEY`, or undefined when there
 * is none and none is required.
 */
export function cloud(): Place | undefined {
  const access = server('pinecone');
  if ('absent' in access) return undefined;
  return {
    options: access.url === '' ? {} : { controllerUrl: access.url },
    secrets: { apiKey: new Secret(access.apiKey!) },
    close: async () => undefined,
  };
}

export async function startDouble(options: DoubleOptions = {}): Promise<Place & { double: PineconeDouble }> {
  const double = await new PineconeDouble(options).start();
  return {
    double,
    options: { controllerUrl: double.url },
    secrets: { apiKey: new Secret(double.options.apiKey) },
    close: () => double.close(),
  };
}

export function newCall(signal = new AbortController().signal): Call {
  return { signal, deadlineMs: 60_000 };
}

export function keyOf(double: PineconeDouble): Secret {
  return new Secret(double.options.apiKey);
}

/** Guarded. */
export async function connect(place: Place, options: Options = {}): Promise<Database> {
  const all = { ...place.options, ...options };
  return guard(await connector.connect(all, place.secrets, newCall()), connector);
}

/** A Database whose writes return when reads show them: what callers of a store that is not `immediate` do for themselves. */
export function settling(database: Database): Database {
  return mapVerbs(database, (name, verb) => {
    if (!['upsert', 'remove', 'removeWhere', 'clear', 'update'].includes(name)) return verb;
    return async (...args: never[]) => {
      const result = await verb(...args);
      const [ref, call] = [args[0] as unknown as CollectionRef, args.at(-1) as unknown as Call];
      if (VERBS[name].writes) await database.settle!(ref, call);
      return result;
    };
  });
}
