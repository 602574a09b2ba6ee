import type { Call } from '../../core/connector.ts';
import type { CollectionInfo, FieldSpec, FieldType } from '../../model/collection.ts';
import { type Exact, parseExact } from '../../model/json/exact.ts';
import { type JsonKind, type Member, members } from '../../model/json/members.ts';
import { readAnswer } from './answer.ts';
import { type Collection, operation, type Server, spaceOf, vectorOf } from './collection.ts';
import { parseAnswer } from './httpLink.ts';
import { bodyOf } from './query.ts';
import { fromStored } from './storedMetadata.ts';

/** Nothing declares metadata fields: they are those of so many records. */
const SAMPLE = 200;

export async function describe(server: Server, collection: Collection, call: Call): Promise<CollectionInfo> {
  const [count, fields] = await Promise.all([
    countAll(server, collection, call),
    sampleFields(server, collection, call),
  ]);
  const { configuration_json: configuration, metadata } = collection;
  const { hnsw, spann } = configuration ?? {};
  return {
    name: collection.name,
    partition: null,
    count,
    countExact: true,
    vectors: [vectorOf(collection)],
    fields,
    index: { type: spann ? 'spann' : 'hnsw', ...(spann ?? hnsw), space: spaceOf(collection) },
    native: { provider: 'chroma', config: { configuration, metadata } },
  };
}

export async function countAll({ link, root }: Server, collection: Collection, call: Call): Promise<number> {
  return parseAnswer<number>(await link.send('GET', operation(root, collection, 'count'), undefined, call));
}

async function sampleFields({ link, root }: Server, collection: Collection, call: Call): Promise<FieldSpec[]> {
  const body = bodyOf({}, { limit: SAMPLE, include: ['metadatas'] });
  const answer = readAnswer(await link.send('POST', operation(root, collection, 'get'), body, call));
  const types = new Map<string, Set<FieldSpec['type']>>();
  for (const stored of answer.metadatas) {
    const metadata = stored === undefined ? undefined : fromStored(stored).metadata;
    if (metadata === undefined) continue;
    for (const member of members(metadata)) {
      if (member.kind === 'null') continue;
      const known = types.get(member.key) ?? new Set();
      types.set(member.key, known.add(typeOf(member, metadata.slice(member.start, member.end))));
    }
  }
  return [...types]
    .map(([name, seen]): FieldSpec => ({ name, type: seen.size === 1 ? [...seen][0]! : 'mixed' }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function typeOf({ kind }: Member, text: string): FieldSpec['type'] {
  if (kind === 'object') return objectType(text);
  if (kind !== 'array') return kind as Exclude<JsonKind, 'null'>;
  const kinds = new Set((parseExact(text) as Exact[]).map(itemType));
  const [type] = kinds;
  return type === undefined ? 'array' : `array<${kinds.size === 1 ? type : 'mixed'}>`;
}

function itemType(item: Exact): FieldType {
  if (typeof item === 'bigint') return 'integer';
  if (typeof item === 'number') return 'float';
  if (typeof item === 'string' || typeof item === 'boolean') return typeof item as 'string' | 'boolean';
  return item === null ? 'mixed' : Array.isArray(item) ? 'array' : 'object';
}

function objectType(text: string): FieldType {
  const [first, ...others] = members(text);
  if (first === undefined || others.length > 0) return 'object';
  if (first.key === '$date') return 'datetime';
  if (first.key === '$geo') return 'geo';
  return first.key === '$bytes' ? 'bytes' : 'object';
}
