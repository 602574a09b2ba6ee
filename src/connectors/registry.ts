import type { Connector } from '../core/connector.ts';

/** As in core/testBuild.ts; written out here, because only so the build for users leaves the connector out. */
declare const VDB_TEST_BUILD: boolean | undefined;

/** Every provider vdb knows. A connector and its SDK are loaded when the first connection needs them. */
export const registry: Record<string, () => Promise<Connector>> = {
  chroma: async () => (await import('./chroma/connector.ts')).connector,
  lancedb: async () => (await import('./lancedb/connector.ts')).connector,
  neo4j: async () => (await import('./neo4j/connector.ts')).connector,
  pgvector: async () => (await import('./pgvector/connector.ts')).connector,
  pinecone: async () => (await import('./pinecone/connector.ts')).connector,
  qdrant: async () => (await import('./qdrant/connector.ts')).connector,
  weaviate: async () => (await import('./weaviate/connector.ts')).connector,
  ...((typeof VDB_TEST_BUILD === 'undefined' || VDB_TEST_BUILD) && {
    memory: async () => (await import('./memory/connector.ts')).connector,
  }),
};
