import { PineconeDouble } from '../../doubles/pinecone/pineconeDouble.ts';
import { startQdrant } from '../../doubles/qdrant/server.ts';
import { server } from '../../servers/server.ts';
import { embedded } from './embeddedFaults.ts';
import { type Case, DIRECTORY_FAULTS, type Fault, none } from './fault.ts';
import { neo4j } from './neo4jFaults.ts';
import { postgres } from './postgresFaults.ts';
import {
  collectionOf,
  dimensionFaults,
  httpFaults,
  muteDuringWrite,
  networkFaults,
  type Place,
  portOf,
  refusing,
  type Server,
  secretFaults,
  tlsFaults,
  tooLarge,
  upsertOf,
  type Working,
} from './serverFaults.ts';
import type { Stage } from './stage.ts';

/** A provider with its place for each fault. */
export interface Subject {
  provider: string;
  /** `real server`, `double`, `embedded`, or why there is no working one. */
  what: string;
  cases: Record<Fault, Case>;
}

export const SUBJECTS: Record<string, (stage: Stage) => Promise<Subject> | Subject> = {
  chroma,
  weaviate,
  qdrant,
  pinecone,
  neo4j,
  pgvector: postgres,
  'pgvector embedded': stage => embedded(stage, 'pgvector'),
  lancedb: stage => embedded(stage, 'lancedb'),
};

const NO_DIRECTORY = none(DIRECTORY_FAULTS, 'it is a server');

const web = ({ tls, host = '127.0.0.1', port }: Place) => `http${tls ? 's' : ''}://${host}:${port}`;

function chroma(stage: Stage): Subject {
  const found = server('chroma');
  const at = (place: Place) => ['--url', web(place)];
  const working = 'absent' in found ? found.absent : { flags: ['--url', found.url], port: portOf(found.url) };
  const chroma: Server = { stage, at, secretName: 'apiKey', working };
  const collection = collectionOf(stage, 'chroma', working);
  return {
    provider: 'chroma',
    what: typeof working === 'string' ? working : 'real server',
    cases: {
      ...NO_DIRECTORY,
      ...networkFaults(chroma),
      ...tlsFaults(chroma),
      ...httpFaults(chroma),
      ...dimensionFaults(chroma, collection),
      // Chroma's own server has no authentication: this is a proxy's in front of it.
      'wrong secret': refusing(chroma, 401),
      'no secret': refusing(chroma, 401, false),
      forbidden: refusing(chroma, 403),
      'mute server during a write': muteDuringWrite(chroma, collection),
      'request too large': tooLarge(chroma, collection, /^POST .*\/(add|upsert)$/),
    },
  };
}

function weaviate(stage: Stage): Subject {
  const found = server('weaviate');
  const at = (place: Place) => [
    '--url',
    web(place),
    ...(place.grpcPort ? ['--grpc-port', String(place.grpcPort)] : []),
  ];
  let working: Working | string;
  if ('absent' in found) working = found.absent;
  else {
    const place = { port: portOf(found.url), grpcPort: found.grpcPort ?? 50051 };
    working = { ...place, flags: at(place), ...(found.apiKey && { secret: ['apiKey', found.apiKey] as const }) };
  }
  const weaviate: Server = { stage, at, secretName: 'apiKey', working };
  const collection = collectionOf(stage, 'weaviate', working);
  return {
    provider: 'weaviate',
    what: typeof working === 'string' ? working : 'real server',
    cases: {
      ...NO_DIRECTORY,
      ...networkFaults(weaviate),
      ...tlsFaults(weaviate),
      ...httpFaults(weaviate),
      ...dimensionFaults(weaviate, collection),
      ...secretFaults(weaviate),
      forbidden: refusing(weaviate, 403),
      'mute server during a write': muteDuringWrite(weaviate, collection),
      'request too large': 'records are written over gRPC, whose own limit is 100 MB',
    },
  };
}

async function qdrant(stage: Stage): Promise<Subject> {
  const keys = { apiKey: 'true-geheim-of-the-double', readOnlyKey: 'reader-geheim-of-the-double' };
  const double = await stage.keep(startQdrant(keys));
  const at = (place: Place) => ['--url', web(place)];
  const secret = ['apiKey', keys.apiKey] as const;
  const working: Working = { flags: at(double), secret, port: double.port };
  const qdrant: Server = { stage, at, secretName: 'apiKey', working };
  const collection = collectionOf(stage, 'qdrant', working);
  return {
    provider: 'qdrant',
    what: 'double',
    cases: {
      ...NO_DIRECTORY,
      ...networkFaults(qdrant),
      ...tlsFaults(qdrant),
      ...httpFaults(qdrant),
      ...dimensionFaults(qdrant, collection),
      ...secretFaults(qdrant),
      forbidden: async () =>
        upsertOf({ flags: working.flags, secret: ['apiKey', keys.readOnlyKey] }, await collection()),
      'mute server during a write': muteDuringWrite(qdrant, collection),
      'request too large': tooLarge(qdrant, collection, /^PUT .*\/points\b/),
    },
  };
}

async function pinecone(stage: Stage): Promise<Subject> {
  const apiKey = 'true-geheim-of-the-double';
  const double = await stage.keep(new PineconeDouble({ apiKey }).start());
  const at = (place: Place) => ['--controller-url', web(place)];
  const working: Working = {
    flags: ['--controller-url', double.url],
    secret: ['apiKey', apiKey],
    port: portOf(double.url),
  };
  const pinecone: Server = { stage, at, secretName: 'apiKey', working };
  const collection = collectionOf(stage, 'pinecone', working);
  const onWrite = (fault: Parameters<typeof double.faults.add>[0]) => ({
    before: async () => double.faults.add({ on: /vectors\/upsert/, ...fault }),
    heal: () => double.faults.clear(),
  });
  const noClients = none(
    ['client certificate missing', 'client certificate given'],
    'Pinecone knows no client certificates',
  );
  return {
    provider: 'pinecone',
    what: 'double',
    cases: {
      ...NO_DIRECTORY,
      ...networkFaults(pinecone),
      // The host that has the data is what the control plane says: here the double itself, past any relay.
      ...tlsFaults(pinecone),
      ...noClients,
      ...httpFaults(pinecone),
      ...dimensionFaults(pinecone, collection),
      ...secretFaults(pinecone),
      forbidden: refusing(pinecone, 403),
      'mute server during a write': async () => {
        const upsert = upsertOf(working, await collection());
        const command = (name: string) => [...upsert.command(name), '--timeout', '1s'];
        return { ...upsert, ...onWrite({ act: { kind: 'delay', ms: 3_000 } }), command };
      },
      'request too large': async () => ({
        ...upsertOf(working, await collection()),
        ...onWrite({ act: { kind: 'status', status: 413 } }),
      }),
    },
  };
}
