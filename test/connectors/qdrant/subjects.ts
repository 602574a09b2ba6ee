import { connector } from '../../../src/connectors/qdrant/connector.ts';
import type { Call, Database, Options, Secrets } from '../../../src/core/connector.ts';
import { guard } from '../../../src/core/guard.ts';
import { Secret } from '../../../src/core/secret.ts';
import { type QdrantDouble, startQdrant } from '../../doubles/qdrant/server.ts';
import { server } from '../../servers/server.ts';

export const API_KEY = 'key-of-the-double';
export const READ_ONLY_KEY = 'reading-key-of-the-double';

export function newCall(signal = new AbortController().signal): Call {
  return { signal, deadlineMs: 60_000 };
}

/** The double with keys, and a guarded Database on it. */
export async function openDouble(
  options: Options = {},
): Promise<{ double: QdrantDouble; database: Database; options: Options; secrets: Secrets; close(): Promise<void> }> {
  const double = await startQdrant({ apiKey: API_KEY, readOnlyKey: READ_ONLY_KEY });
  const reached = { url: double.url, ...options };
  const secrets = { apiKey: new Secret(API_KEY) };
  const database = guard(await connector.connect(reached, secrets, newCall()), connector);
  return {
    double,
    database,
    options: reached,
    secrets,
    async close() {
      await database.close();
      await double.close();
    },
  };
}

/** The real server that VDB_TEST_QDRANT_URL names, else the double. */
export async function openAny(): Promise<{ name: string; options: Options; secrets: Secrets; close(): Promise<void> }> {
  const found = server('qdrant');
  if ('absent' in found) {
    const double = await startQdrant({ apiKey: API_KEY });
    const secrets = { apiKey: new Secret(API_KEY) };
    return { name: 'double', options: { url: double.url }, secrets, close: () => double.close() };
  }
  const secrets: Secrets = found.apiKey === undefined ? {} : { apiKey: new Secret(found.apiKey) };
  return { name: 'server', options: { url: found.url }, secrets, close: async () => undefined };
}
