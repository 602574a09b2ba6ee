import { PineconeDouble } from '../doubles/pinecone/pineconeDouble.ts';
import { startQdrant } from '../doubles/qdrant/server.ts';
import { isInstalled } from '../servers/install.ts';
import { kindOf } from '../servers/kinds.ts';
import { type Running, startServer, stopServer } from '../servers/launch.ts';
import { isRequired, server } from '../servers/server.ts';
import type { World } from './world.ts';

/** One provider that a world can use, and what stands behind it. */
export interface Provider {
  name: string;
  /** `real server`, `embedded`, `double`. */
  what: string;
  close(): Promise<void>;
  /** Its server when that is the world's own; whoever starts it again puts the new one here. */
  own?: Running;
}

const nothing = async (): Promise<void> => undefined;

/**
 * A server of the world's own: where it is installed, and where it is required, though that takes an installation. Throws when
 * it does not start.
 */
async function startOwn(name: 'postgres' | 'chroma'): Promise<Running | undefined> {
  return isInstalled(kindOf(name)) || isRequired(name) ? startServer(name) : undefined;
}

/**
 * Gives the world a profile for each of the seven providers; one whose server is absent is left out, and why is told. `own`:
 * PostgreSQL and Chroma are the world's own, also beside servers that run or that the environment names, if they can be started.
 */
export async function addProviders(
  world: World,
  { own = false } = {},
): Promise<{ providers: Provider[]; absent: string[] }> {
  const providers: Provider[] = [];
  const absent: string[] = [];
  try {
    await addAll(world, own, providers, absent);
  } catch (error) {
    for (const { close } of providers) await close();
    throw error;
  }
  return { providers, absent };
}

async function addAll(world: World, own: boolean, providers: Provider[], absent: string[]): Promise<void> {
  const add = async (name: string, what: string, flags: string[], secret?: [string, string], close = nothing) => {
    const variable = `SECRET_OF_${name.toUpperCase()}`;
    if (secret) world.env[variable] = secret[1];
    const from = secret ? ['--secret', `${secret[0]}=env:${variable}`] : [];
    await world.ok(['profile', 'add', name, '--provider', name, ...flags, ...from]);
    const provider: Provider = { name, what, close };
    providers.push(provider);
    return provider;
  };
  /** The server is stopped with the provider. */
  const owned = (provider: Provider, running: Running): void => {
    provider.own = running;
    provider.close = async () => void (await stopServer(provider.own!));
  };
  await add('lancedb', 'embedded', ['--path', 'lancedb']);
  const ownPostgres = own ? await startOwn('postgres') : undefined;
  const postgres = ownPostgres?.access ?? server('postgres');
  if ('absent' in postgres) await add('pgvector', 'embedded (PGlite)', ['--path', 'pgvector']);
  else {
    const url = new URL(postgres.url);
    const password = decodeURIComponent(url.password);
    url.password = '';
    const pgvector = await add('pgvector', 'real server', ['--url', url.href], ['password', password]);
    if (ownPostgres) owned(pgvector, ownPostgres);
  }
  const qdrant = server('qdrant');
  if ('absent' in qdrant) {
    const double = await startQdrant({ apiKey: 'key-of-the-double' });
    await add('qdrant', 'double', ['--url', double.url], ['apiKey', 'key-of-the-double'], () => double.close());
  } else {
    await add('qdrant', 'real server', ['--url', qdrant.url], qdrant.apiKey ? ['apiKey', qdrant.apiKey] : undefined);
  }
  const pinecone = await new PineconeDouble({ apiKey: 'key-of-the-double' }).start();
  await add('pinecone', 'double', ['--controller-url', pinecone.url], ['apiKey', 'key-of-the-double'], () =>
    pinecone.close(),
  );
  const ownChroma = own ? await startOwn('chroma') : undefined;
  const chroma = ownChroma?.access ?? server('chroma');
  if ('absent' in chroma) absent.push(`chroma: ${chroma.absent}`);
  else if (!ownChroma && process.env.VDB_TEST_CHROMA_URL) await add('chroma', 'real server', ['--url', chroma.url]);
  else {
    // One of its own: arrays of a collection that was dropped turn up in later records of others (chroma-core/chroma#7594).
    const running = ownChroma ?? (await startServer('chroma'));
    owned(await add('chroma', 'real server', ['--url', running.access.url]), running);
  }
  const weaviate = server('weaviate');
  if ('absent' in weaviate) absent.push(`weaviate: ${weaviate.absent}`);
  else {
    const flags = ['--url', weaviate.url, ...(weaviate.grpcPort ? ['--grpc-port', String(weaviate.grpcPort)] : [])];
    await add('weaviate', 'real server', flags, weaviate.apiKey ? ['apiKey', weaviate.apiKey] : undefined);
  }
  const neo4j = server('neo4j');
  if ('absent' in neo4j) absent.push(`neo4j: ${neo4j.absent}`);
  else
    await add(
      'neo4j',
      'real server',
      ['--url', neo4j.url, '--user', neo4j.user ?? 'neo4j'],
      ['password', neo4j.password ?? ''],
    );
}
