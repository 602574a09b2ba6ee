import type { Call } from '../../core/connector.ts';
import type { CollectionInfo, FieldSpec, FieldType } from '../../model/collection.ts';
import { type Exact, parseExact } from '../../model/json/exact.ts';
import { type JsonKind, members } from '../../model/json/members.ts';
import type { Layout, RawInfo } from './layout.ts';
import { RESERVED } from './payload.ts';
import { PointReader } from './pointReader.ts';
import { type Client, pathOf } from './wire/client.ts';

/** Up to so many points are counted, beyond it stands the server's estimate. */
const COUNTED = 100_000;
const SAMPLE = 100;

const INDEX_TYPES: Record<string, FieldType> = {
  keyword: 'string',
  text: 'string',
  uuid: 'string',
  integer: 'integer',
  float: 'float',
  bool: 'boolean',
  datetime: 'string',
  geo: 'object',
};

export async function describe(client: Client, layout: Layout, info: RawInfo, call: Call): Promise<CollectionInfo> {
  const { config, payload_schema } = info;
  const estimate = info.points_count ?? null;
  const exact = estimate === null || estimate <= 2 * COUNTED;
  const [count, sampled] = await Promise.all([
    exact ? countPoints(client, layout.name, undefined, true, call) : estimate,
    sampleFields(client, layout, call),
  ]);
  return {
    name: layout.name,
    partition: null,
    count,
    countExact: exact,
    vectors: layout.vectors,
    fields: withIndexes(sampled, layout),
    index: {
      hnsw: config.hnsw_config,
      ...(config.quantization_config != null && { quantization: config.quantization_config }),
      indexingThreshold: config.optimizer_config.indexing_threshold ?? null,
      vectors: config.params.vectors ?? {},
      ...(config.params.sparse_vectors && { sparseVectors: config.params.sparse_vectors }),
      ...(config.metadata && { metadata: config.metadata }),
      payload: Object.fromEntries(Object.entries(payload_schema).map(([path, { data_type }]) => [path, data_type])),
    },
    native: { provider: 'qdrant', config: { config, payload_schema } },
  };
}

export async function countPoints(
  client: Client,
  collection: string,
  filter: string | undefined,
  exact: boolean,
  call: Call,
): Promise<number> {
  const body = `{"exact":${exact}${filter === undefined ? '' : `,"filter":${filter}`}}`;
  return (
    await client.json<{ count: number }>('POST', pathOf('collections', collection, 'points', 'count'), body, call)
  ).count;
}

/** Fields and their types in some points: nothing declares what a payload holds. */
async function sampleFields(client: Client, layout: Layout, call: Call): Promise<Map<string, Set<FieldSpec['type']>>> {
  const reader = new PointReader(layout, { vectors: false, metadata: true, document: false });
  const body = `{"limit":${SAMPLE},"with_payload":true,"with_vector":false}`;
  const { batch } = reader.read(
    await client.send('POST', pathOf('collections', layout.name, 'points', 'scroll'), body, call),
  );
  const types = new Map<string, Set<FieldSpec['type']>>();
  for (const text of batch.metadata) {
    for (const { key, kind, start, end } of text === undefined ? [] : members(text)) {
      if (kind === 'null' || RESERVED.includes(key)) continue;
      const seen = types.get(key) ?? new Set();
      seen.add(typeOf(kind, text!.slice(start, end)));
      types.set(key, seen);
    }
  }
  return types;
}

function withIndexes(sampled: Map<string, Set<FieldSpec['type']>>, layout: Layout): FieldSpec[] {
  const fields = new Map<string, FieldSpec>();
  for (const [name, types] of sampled) fields.set(name, { name, type: types.size === 1 ? [...types][0]! : 'mixed' });
  for (const [path, type] of layout.indexes) {
    const keys = JSON.parse(path) as string[];
    if (keys.length > 1) continue;
    const name = keys[0]!;
    fields.set(name, { name, type: fields.get(name)?.type ?? INDEX_TYPES[type] ?? 'mixed', indexed: true });
  }
  return [...fields.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function typeOf(kind: JsonKind, text: string): FieldSpec['type'] {
  if (kind === 'object') return tagged(text);
  if (kind !== 'array') return kind as FieldType;
  const kinds = new Set(elementsOf(text));
  if (kinds.size === 0) return 'array';
  return `array<${kinds.size === 1 ? [...kinds][0]! : 'mixed'}>`;
}

function tagged(text: string): FieldType {
  const [only, ...others] = members(text);
  if (only === undefined || others.length > 0) return 'object';
  return only.key === '$date' ? 'datetime' : only.key === '$bytes' ? 'bytes' : only.key === '$geo' ? 'geo' : 'object';
}

function elementsOf(text: string): FieldType[] {
  return (parseExact(text) as Exact[]).map(value => {
    if (value === null) return 'mixed';
    if (Array.isArray(value)) return 'array';
    if (value instanceof Map) return 'object';
    if (typeof value === 'bigint') return 'integer';
    return typeof value === 'number' ? 'float' : (typeof value as 'string' | 'boolean');
  });
}
