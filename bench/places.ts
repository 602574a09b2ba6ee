import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { OptionValue } from '../src/model/manifest.ts';
import type { Access, ServerName } from '../test/servers/access.ts';
import { server } from '../test/servers/server.ts';

/** A database that can be measured. */
export interface Place {
  provider: string;
  /** For the table: which provider, and what stands behind it. */
  title: string;
  options: Record<string, OptionValue>;
  secrets: Record<string, string>;
}

export interface Places {
  found: Place[];
  /** Why others are left out, a line each. */
  absent: string[];
  /** Ends what was started for them. */
  end(): void;
}

/** Of each provider: what embeds itself below `dir`, the servers that tests would find, and the doubles where there is none. */
export async function findPlaces(dir: string): Promise<Places> {
  const found: Place[] = [
    { provider: 'lancedb', title: 'LanceDB', options: { path: join(dir, 'lance') }, secrets: {} },
    { provider: 'pgvector', title: 'PGlite', options: { path: join(dir, 'pglite') }, secrets: {} },
  ];
  const absent: string[] = [];
  const add = (name: ServerName, title: string, place: (access: Access) => Omit<Place, 'title'>): void => {
    const access = server(name);
    if ('absent' in access) absent.push(`${title} is left out: ${access.absent}`);
    else found.push({ title, ...place(access) });
  };
  add('postgres', 'PostgreSQL', ({ url }) => {
    const address = new URL(url);
    const password = decodeURIComponent(address.password);
    address.password = '';
    return { provider: 'pgvector', options: { url: address.href }, secrets: { password } };
  });
  add('chroma', 'Chroma', ({ url }) => ({ provider: 'chroma', options: { url }, secrets: {} }));
  add('neo4j', 'Neo4j', ({ url, user = 'neo4j', password = '' }) => ({
    provider: 'neo4j',
    options: { url, user },
    secrets: { password },
  }));
  add('weaviate', 'Weaviate', ({ url, grpcPort = 50051, apiKey }) => ({
    provider: 'weaviate',
    options: { url, grpcPort },
    secrets: keyOf(apiKey),
  }));
  const doubles: (() => void)[] = [];
  const double = async (provider: 'qdrant' | 'pinecone', option: string, title: string): Promise<void> => {
    const { url, apiKey, end } = await startDouble(provider);
    doubles.push(end);
    found.push({ provider, title: `${title} (test double)`, options: { [option]: url }, secrets: { apiKey } });
  };
  const qdrant = server('qdrant');
  if ('absent' in qdrant) await double('qdrant', 'url', 'Qdrant');
  else found.push({ provider: 'qdrant', title: 'Qdrant', options: { url: qdrant.url }, secrets: keyOf(qdrant.apiKey) });
  // Never the cloud: what is measured there is the way to it, and it costs money.
  await double('pinecone', 'controllerUrl', 'Pinecone');
  return { found, absent, end: () => doubles.forEach(end => void end()) };
}

function keyOf(apiKey: string | undefined): Record<string, string> {
  return apiKey === undefined ? {} : { apiKey };
}

/** In a process of its own, as a server would be. */
async function startDouble(provider: string): Promise<{ url: string; apiKey: string; end(): void }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'double.ts'), provider], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  process.on('exit', () => child.kill());
  for await (const line of createInterface({ input: child.stdout })) {
    return { ...(JSON.parse(line) as { url: string; apiKey: string }), end: () => void child.kill() };
  }
  throw new Error(`the double of ${provider} did not start`);
}
