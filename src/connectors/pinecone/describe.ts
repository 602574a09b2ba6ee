import type { Call } from '../../core/connector.ts';
import type { CollectionInfo, FieldSpec, FieldType } from '../../model/collection.ts';
import { members } from '../../model/json/members.ts';
import type { RecordBatch } from '../../model/record.ts';
import { total } from './count.ts';
import { fetchStored } from './fetch.ts';
import { type IndexInfo, SPARSE_NAME, vectorSpecs } from './indexInfo.ts';
import type { Link } from './link.ts';
import { partitionOf } from './namespaces.ts';

const WANT = { vectors: [SPARSE_NAME], metadata: true, document: false };

/** Counts are exact when our own writes are indexed. Fields, and whether there are sparse vectors beside dense ones, are seen in some records. */
export async function describe(link: Link, info: IndexInfo, partition: string, call: Call): Promise<CollectionInfo> {
  const visible = await link.freshness.settle(link.data, info, call, { waitMs: 0 });
  const counts = await link.data.stats(info.url, call);
  const sample = await sampleOf(link, info, partition, counts, call);
  const { deployment, deletionProtection, tags, status } = info.model;
  return {
    name: info.name,
    partition: partition === '' ? null : partition,
    count: total(counts, partition),
    countExact: visible,
    // Only the default namespace is no partition at all.
    partitioned: [...counts.keys()].some(name => partitionOf(name) !== ''),
    vectors: vectorSpecs(info, sample?.vectors.some(({ name }) => name === SPARSE_NAME) ?? false),
    fields: sample ? fieldsOf(sample) : [],
    index: { ...deployment, deletionProtection, state: status.state, ...(tags && { tags }) },
    native: { provider: 'pinecone', config: { deployment, deletionProtection, ...(tags && { tags }) } },
  };
}

async function sampleOf(
  link: Link,
  info: IndexInfo,
  partition: string,
  counts: Map<string, number>,
  call: Call,
): Promise<RecordBatch | undefined> {
  const place = partition === '' ? [...counts].find(([, count]) => count > 0)?.[0] : partitionOf(partition);
  if (place === undefined) return undefined;
  const { items } = await link.data.list(info.url, place, undefined, call);
  return (await fetchStored(link, info, place, items, WANT, call)).batch;
}

function fieldsOf(batch: RecordBatch): FieldSpec[] {
  const types = new Map<string, Set<FieldSpec['type']>>();
  for (const text of batch.metadata) {
    if (text === undefined) continue;
    for (const { key, kind, start, end } of members(text)) {
      if (kind === 'null') continue;
      const type = kind === 'array' ? arrayType(text.slice(start, end)) : kind;
      types.set(key, (types.get(key) ?? new Set()).add(type));
    }
  }
  return [...types]
    .map(([name, found]): FieldSpec => ({ name, type: found.size === 1 ? [...found][0]! : 'mixed', indexed: true }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function arrayType(text: string): FieldSpec['type'] {
  const found = new Set((JSON.parse(text) as unknown[]).map(itemType));
  const [only] = found;
  return found.size === 0 ? 'array' : `array<${found.size === 1 ? only! : 'mixed'}>`;
}

function itemType(item: unknown): FieldType {
  if (typeof item === 'string') return 'string';
  if (typeof item === 'boolean') return 'boolean';
  if (typeof item === 'number') return 'float';
  return Array.isArray(item) ? 'array' : item === null ? 'mixed' : 'object';
}
