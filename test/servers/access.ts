/** The databases that tests can meet for real. */
export const SERVER_NAMES = ['postgres', 'postgres-tls', 'chroma', 'weaviate', 'neo4j', 'qdrant', 'pinecone'] as const;
export type ServerName = (typeof SERVER_NAMES)[number];

/** How a client reaches a server. Which fields there are depends on the server: `VARIABLES` lists them. */
export interface Access {
  /** `postgres://user:password@host:port/database`, `http://host:port` or `bolt://host:port`; empty for Pinecone's cloud. */
  url: string;
  user?: string;
  password?: string;
  apiKey?: string;
  grpcPort?: number;
  /** Directory of the certificates and keys, in PEM (see certificates.ts). */
  certificates?: string;
}

/** The environment variable of each field; the first one of a server says that there is one. */
export const VARIABLES: Record<ServerName, Partial<Record<keyof Access, string>>> = {
  postgres: { url: 'VDB_TEST_POSTGRES_URL' },
  'postgres-tls': { url: 'VDB_TEST_POSTGRES_TLS_URL', certificates: 'VDB_TEST_POSTGRES_TLS_CERTIFICATES' },
  chroma: { url: 'VDB_TEST_CHROMA_URL' },
  weaviate: {
    url: 'VDB_TEST_WEAVIATE_URL',
    grpcPort: 'VDB_TEST_WEAVIATE_GRPC_PORT',
    apiKey: 'VDB_TEST_WEAVIATE_API_KEY',
  },
  neo4j: { url: 'VDB_TEST_NEO4J_URL', user: 'VDB_TEST_NEO4J_USER', password: 'VDB_TEST_NEO4J_PASSWORD' },
  qdrant: { url: 'VDB_TEST_QDRANT_URL', apiKey: 'VDB_TEST_QDRANT_API_KEY' },
  pinecone: { apiKey: 'VDB_TEST_PINECONE_API_KEY', url: 'VDB_TEST_PINECONE_URL' },
};

/** What the environment says of a server, or undefined when its first variable is unset or empty. */
export function fromEnvironment(name: ServerName, env: NodeJS.ProcessEnv): Access | undefined {
  const variables = Object.entries(VARIABLES[name]);
  if (!env[variables[0]![1]]) return undefined;
  const access: Record<string, string | number> = { url: '' };
  for (const [field, variable] of variables) {
    const value = env[variable];
    if (value) access[field] = field === 'grpcPort' ? Number(value) : value;
  }
  return access as unknown as Access;
}

/** `NAME=value` lines that make `fromEnvironment` give `access` again; values need no quoting in a shell. */
export function environmentLines(name: ServerName, access: Access): string[] {
  return Object.entries(VARIABLES[name]).flatMap(([field, variable]) => {
    const value = access[field as keyof Access];
    return value === undefined || value === '' ? [] : [`${variable}=${value}`];
  });
}
