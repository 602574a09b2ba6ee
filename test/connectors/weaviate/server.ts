import weaviate, { type WeaviateClient } from 'weaviate-client';
import { connector } from '../../../src/connectors/weaviate/connector.ts';
import type { Call, Database, Options, Secrets } from '../../../src/core/connector.ts';
import { guard } from '../../../src/core/guard.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { Access } from '../../servers/access.ts';

export function newCall(signal = new AbortController().signal): Call {
  return { signal, deadlineMs: 60_000 };
}

export function profileOf({ url, grpcPort, apiKey }: Access): { options: Options; secrets: Secrets } {
  return {
    options: { url, ...(grpcPort !== undefined && { grpcPort }) },
    secrets: apiKey === undefined ? {} : { apiKey: new Secret(apiKey) },
  };
}

/** A guarded link to the server. */
export async function open(access: Access): Promise<Database> {
  const { options, secrets } = profileOf(access);
  return guard(await connector.connect(options, secrets, newCall()), connector);
}

/** The official client on the same server. */
export function sdk({ url, grpcPort, apiKey }: Access): Promise<WeaviateClient> {
  const { hostname, port } = new URL(url);
  return weaviate.connectToCustom({
    httpHost: hostname,
    httpPort: Number(port),
    httpSecure: false,
    grpcHost: hostname,
    grpcPort: grpcPort ?? 50051,
    grpcSecure: false,
    ...(apiKey !== undefined && { authCredentials: new weaviate.ApiKey(apiKey) }),
  });
}
