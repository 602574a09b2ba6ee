import type { VectorKind } from '../../src/model/collection.ts';
import type { FilterOperator } from '../../src/model/filter/filter.ts';
import type { IdKind } from '../../src/model/id.ts';
import type { Metric } from '../../src/model/metric.ts';
import type { Element } from '../../src/model/record.ts';

/** What a provider must declare at least, so that no connector passes by declaring less. */
export interface Floor {
  verbs: string[];
  metrics: Metric[];
  filters: FilterOperator[];
  idKinds: IdKind[];
  namedVectors: boolean;
  optionalVectors: boolean;
  immediate: boolean;
  unstableWalk?: true;
  partitions?: true;
  /** Beyond dense. */
  vectorKinds?: VectorKind[];
  /** Beyond f32. */
  elements?: Element[];
  /** Of vectors of bits. */
  bitMetrics?: Metric[];
}

export const ALL_OPERATORS: FilterOperator[] = [
  'and',
  'or',
  'not',
  'eq',
  'lt',
  'lte',
  'gt',
  'gte',
  'in',
  'has',
  'exists',
  'contains',
  'ids',
];

const EMBEDDED_SQL: Floor = {
  verbs: ['scan', 'count', 'removeWhere', 'clear'],
  metrics: ['cosine', 'dot', 'euclidean'],
  filters: ALL_OPERATORS,
  idKinds: ['string'],
  namedVectors: true,
  optionalVectors: true,
  immediate: true,
};

export const FLOOR: Record<string, Floor> = {
  chroma: {
    verbs: ['scan', 'count', 'removeWhere', 'clear', 'update', 'native'],
    metrics: ['cosine', 'dot', 'euclidean'],
    filters: ['eq', 'lt', 'lte', 'gt', 'gte', 'in', 'has', 'ids'],
    idKinds: ['string', 'uuid'],
    namedVectors: false,
    optionalVectors: false,
    immediate: true,
    unstableWalk: true,
  },
  memory: { ...EMBEDDED_SQL, verbs: [...EMBEDDED_SQL.verbs, 'update'], idKinds: ['string', 'integer', 'uuid'] },
  pgvector: {
    ...EMBEDDED_SQL,
    verbs: [...EMBEDDED_SQL.verbs, 'update', 'native', 'load', 'unload'],
    vectorKinds: ['sparse', 'multi'],
    elements: ['f16', 'bit'],
    bitMetrics: ['hamming', 'jaccard'],
  },
  lancedb: { ...EMBEDDED_SQL, verbs: [...EMBEDDED_SQL.verbs, 'update', 'pins', 'release'], elements: ['f16'] },
  neo4j: {
    verbs: [...EMBEDDED_SQL.verbs, 'update', 'native', 'load', 'unload', 'settle', 'indexState'],
    metrics: ['cosine', 'euclidean'],
    filters: ALL_OPERATORS,
    idKinds: ['string', 'integer', 'uuid'],
    namedVectors: true,
    optionalVectors: true,
    immediate: true,
  },
  qdrant: {
    verbs: [...EMBEDDED_SQL.verbs, 'update', 'native', 'settle', 'indexState'],
    metrics: ['cosine', 'dot', 'euclidean', 'manhattan'],
    filters: ALL_OPERATORS,
    idKinds: ['integer', 'uuid'],
    namedVectors: true,
    optionalVectors: true,
    immediate: true,
    vectorKinds: ['sparse', 'multi'],
    elements: ['f16', 'u8'],
  },
  pinecone: {
    verbs: [...EMBEDDED_SQL.verbs, 'update', 'native', 'settle', 'partitions', 'createPartition', 'dropPartition'],
    metrics: ['cosine', 'dot', 'euclidean'],
    filters: ALL_OPERATORS.filter(op => op !== 'contains' && op !== 'has'),
    idKinds: ['string', 'uuid'],
    namedVectors: false,
    optionalVectors: false,
    immediate: false,
    unstableWalk: true,
    partitions: true,
    vectorKinds: ['sparse'],
  },
  weaviate: {
    verbs: [
      ...EMBEDDED_SQL.verbs,
      'update',
      'native',
      'ranges',
      'settle',
      'indexState',
      'partitions',
      'createPartition',
      'dropPartition',
    ],
    metrics: ['cosine', 'dot', 'euclidean', 'manhattan', 'hamming'],
    filters: ALL_OPERATORS.filter(op => op !== 'contains'),
    idKinds: ['uuid'],
    namedVectors: true,
    optionalVectors: true,
    immediate: true,
    partitions: true,
    vectorKinds: ['multi'],
  },
};
