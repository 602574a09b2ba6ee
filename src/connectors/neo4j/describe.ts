import type { Call } from '../../core/connector.ts';
import type { CollectionInfo, FieldSpec, FieldType, VectorSpec } from '../../model/collection.ts';
import { type Exact, parseExact } from '../../model/json/exact.ts';
import { countNodes } from './countNodes.ts';
import { indexesOf, metricOf } from './indexes.ts';
import type { Layout } from './layout.ts';
import type { Neo4jLink } from './link.ts';
import { quote } from './quote.ts';
import { recordReader } from './recordReader.ts';

const SAMPLE = 200;

export function vectorSpecs(layout: Layout): VectorSpec[] {
  return layout.vectors.map(({ name, dimension, metric }) => ({
    name,
    kind: 'dense',
    dimension,
    metric,
    element: 'f32',
  }));
}

/** The count is exact at any size: the server keeps it for each label. */
export async function describe(link: Neo4jLink, layout: Layout, call: Call): Promise<CollectionInfo> {
  const indexes = (await indexesOf(link, layout.label, call)).filter(each => each.type === 'VECTOR');
  const config = indexes.map(index => ({
    vector: layout.vectors.find(each => each.index === index.name)?.name ?? index.properties[0]!,
    options: index.options,
  }));
  const count = await countNodes(link, layout.label, call);
  return {
    name: layout.label,
    partition: null,
    count,
    countExact: true,
    vectors: vectorSpecs(layout),
    fields: count === 0 ? [] : await sampleFields(link, layout, call),
    index: Object.fromEntries(
      indexes.map(({ name, options, state }, i) => {
        const { dimensions: _, similarity_function: __, ...rest } = options;
        return [
          name,
          {
            vector: config[i]!.vector,
            type: 'hnsw',
            metric: metricOf(options),
            options: rest,
            state: state.toLowerCase(),
          },
        ];
      }),
    ),
    native: { provider: 'neo4j', config: { indexes: config } },
  };
}

/** Fields and their types in some records: nothing declares what nodes hold. */
async function sampleFields(link: Neo4jLink, layout: Layout, call: Call): Promise<FieldSpec[]> {
  const reader = recordReader(layout, { vectors: false, metadata: true, document: true });
  const rows = await link.read(
    `MATCH (n:${quote(layout.label)}) WITH n LIMIT ${SAMPLE} RETURN ${reader.returns}`,
    {},
    call,
  );
  const types = new Map<string, Set<FieldSpec['type'] | null>>();
  for (const text of reader.read(rows).metadata) {
    if (text === undefined) continue;
    for (const [key, value] of parseExact(text) as Map<string, Exact>) {
      let found = types.get(key);
      if (found === undefined) types.set(key, (found = new Set()));
      found.add(typeOf(value));
    }
  }
  return [...types]
    .map(([name, found]): FieldSpec => {
      const [type, ...others] = [...found].filter(each => each !== null);
      return { name, type: type === undefined || others.length > 0 ? 'mixed' : type };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function typeOf(value: Exact): FieldSpec['type'] | null {
  if (Array.isArray(value)) {
    const [item, ...others] = new Set(value.map(typeOf));
    if (item === undefined) return 'array';
    return others.length > 0 || item === null || item.startsWith('array')
      ? 'array<mixed>'
      : `array<${item as FieldType}>`;
  }
  if (value instanceof Map) {
    if (value.has('$date')) return 'datetime';
    if (value.has('$geo')) return 'geo';
    return value.has('$bytes') ? 'bytes' : 'object';
  }
  if (value === null) return null;
  return ({ string: 'string', boolean: 'boolean', bigint: 'integer', number: 'float' } as const)[
    typeof value as 'string'
  ];
}
