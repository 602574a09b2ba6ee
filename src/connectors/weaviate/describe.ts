import type { Call, CollectionRef } from '../../core/connector.ts';
import type { CollectionInfo, CollectionSummary, FieldSpec, FieldType, VectorSpec } from '../../model/collection.ts';
import { WANT_ALL } from '../../model/record.ts';
import { classify } from './classify.ts';
import type { ClassJson } from './classJson.ts';
import { decodeObjects, selection } from './decode.ts';
import { type Layout, layoutOf } from './layout.ts';
import { Limited } from './limited.ts';
import type { Link } from './link.ts';
import { integerKeys } from './numberKinds.ts';
import type { Tenants } from './tenants.ts';
import { pathOf } from './wire/rest.ts';

const TYPES: Record<string, FieldType> = {
  text: 'string',
  uuid: 'string',
  reference: 'string',
  int: 'integer',
  number: 'float',
  boolean: 'boolean',
  date: 'datetime',
  geoCoordinates: 'geo',
  blob: 'bytes',
  object: 'object',
  phoneNumber: 'object',
};
const AT_ONCE = 8;

export async function summaries(link: Link, call: Call): Promise<CollectionSummary[]> {
  const { classes } = await link.rest.json<{ classes: ClassJson[] | null }>('GET', pathOf('schema'), undefined, call);
  const limited = new Limited(AT_ONCE);
  const made = await Promise.all((classes ?? []).map(config => limited.run(() => summary(link, config, call))));
  return made.filter(each => each !== null);
}

/** Null for a class that was dropped since it was listed. */
async function summary(link: Link, config: ClassJson, call: Call): Promise<CollectionSummary | null> {
  const layout = layoutOf(config);
  const { collection, partitioned } = layout;
  const vectors = layout.vectors.map(vectorSpec);
  try {
    const count = partitioned ? null : await link.grpc.count({ collection, tenant: '' }, call);
    return { name: collection, count, countExact: count !== null, vectors };
  } catch (error) {
    const { code } = classify(error);
    if (code === 'not_found') return null;
    // Listed, but not ours to read.
    if (code === 'denied') return { name: collection, count: null, countExact: false, vectors };
    throw error;
  }
}

/** Of a class with tenants that are not active nothing is counted. */
export async function describe(
  link: Link,
  layout: Layout,
  tenants: Tenants,
  ref: CollectionRef,
  call: Call,
): Promise<CollectionInfo> {
  const { collection, partitioned } = layout;
  const all = partitioned && ref.partition === '';
  const counts = all
    ? await tenants.counted(layout, call)
    : [{ name: await tenants.one(layout, ref, call), count: 0 as number | null }];
  if (!all) counts[0]!.count = await link.grpc.count({ collection, tenant: counts[0]!.name }, call);
  const exact = counts.every(({ count }) => count !== null);
  const readable = counts.filter(({ count }) => count !== null && count > 0).map(({ name }) => name);
  const integers = await integerKeys(link, layout, readable, call);
  const { shardingConfig, ...config } = layout.config;
  return {
    name: collection,
    partition: ref.partition === '' ? null : ref.partition,
    count: exact ? counts.reduce((sum, { count }) => sum + count!, 0) : null,
    countExact: exact,
    partitioned,
    vectors: await measured(link, layout, readable, call),
    fields: [...layout.fields.values()].map(({ key, type, list, indexed }): FieldSpec => {
      const known = integers.has(key) ? 'integer' : (TYPES[type] ?? 'mixed');
      return { name: key, type: list ? `array<${known}>` : known, indexed };
    }),
    index: Object.fromEntries(layout.vectors.map(({ name, stored }) => [name, indexJson(layout, stored)])),
    native: {
      provider: 'weaviate',
      config: { ...config, ...(shardingConfig && { shardingConfig: { desiredCount: shardingConfig.desiredCount } }) },
    },
  };
}

function vectorSpec({ name, kind, dimension, metric, element }: VectorSpec): VectorSpec {
  return { name, kind, dimension, metric, element };
}

/** Of a class made by another program the dimension is nowhere but in its vectors. */
async function measured(link: Link, layout: Layout, tenants: string[], call: Call): Promise<VectorSpec[]> {
  const specs = layout.vectors.map(vectorSpec);
  if (layout.own || specs.length === 0) return specs;
  const { collection } = layout;
  for (const tenant of tenants) {
    const want = { ...WANT_ALL, metadata: false, document: false };
    const { results } = await link.grpc.search({ collection, tenant, ...selection(layout, want), limit: 10 }, call);
    for (const column of decodeObjects(layout, want, results, tenant).vectors) {
      const spec = specs.find(({ name }) => name === column.name)!;
      if (column.kind !== 'sparse') spec.dimension ??= column.dimension;
    }
    if (specs.every(({ dimension }) => dimension !== null)) break;
  }
  return specs;
}

function indexJson(layout: Layout, stored: string): Record<string, unknown> {
  const { vectorIndexType, vectorIndexConfig } = stored === '' ? layout.config : layout.config.vectorConfig![stored]!;
  return { type: vectorIndexType, ...vectorIndexConfig };
}
