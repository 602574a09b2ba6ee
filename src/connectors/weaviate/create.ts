import type { Call } from '../../core/connector.ts';
import type { CollectionSpec, FieldSpec, VectorSpec } from '../../model/collection.ts';
import { VdbError } from '../../model/errors.ts';
import type { ClassJson, PropertyJson, VectorIndexJson } from './classJson.ts';
import { newCollectionName } from './collectionName.ts';
import { layoutOf, type Note } from './layout.ts';
import type { Link } from './link.ts';
import { distanceOf } from './metrics.ts';
import { DOCUMENT, isReserved, nameFor, OWN } from './propertyName.ts';
import { pathOf } from './wire/rest.ts';
import { HIDDEN_PROPERTY, MARK_PROPERTY, metadataProperty, SIDECAR_PROPERTY } from './writePlan.ts';

/** Field types that a property can be made for before the first record. */
const TYPES: Partial<Record<FieldSpec['type'], string>> = {
  string: 'text',
  integer: 'number',
  float: 'number',
  boolean: 'boolean',
  datetime: 'date',
  bytes: 'blob',
  geo: 'geoCoordinates',
  'array<string>': 'text[]',
  'array<integer>': 'number[]',
  'array<float>': 'number[]',
  'array<boolean>': 'boolean[]',
};

const INDEX_TYPES = ['hnsw', 'flat', 'dynamic'];
const INDEX_NUMBERS = [
  'ef',
  'efConstruction',
  'maxConnections',
  'dynamicEfMin',
  'dynamicEfMax',
  'dynamicEfFactor',
  'flatSearchCutoff',
  'cleanupIntervalSeconds',
  'vectorCacheMaxObjects',
];

/** Makes the class and returns its name. Throws `exists` by way of the server. */
export async function createClass(link: Link, spec: CollectionSpec, call: Call): Promise<string> {
  const config = spec.native?.provider === 'weaviate' ? verbatim(spec) : fresh(spec);
  await link.rest.text('POST', pathOf('schema'), config, call);
  return config.class;
}

function fresh(spec: CollectionSpec): ClassJson {
  const { index, type, shards, replicas } = options(spec.indexOptions ?? {});
  const names = storedNames(spec.vectors);
  const indexOf = (vector: VectorSpec): VectorIndexJson => ({
    distance: distanceOf(vector.metric),
    ...index,
    ...(vector.kind === 'multi' && { multivector: { enabled: true } }),
  });
  const unnamed = spec.vectors.find((_, i) => names[i] === '');
  const named = spec.vectors.map((vector, i) => ({ vector, stored: names[i]! })).filter(({ stored }) => stored !== '');
  const vectorConfig = Object.fromEntries(
    named.map(({ vector, stored }) => [
      stored,
      { vectorizer: { none: {} }, vectorIndexType: type, vectorIndexConfig: indexOf(vector) },
    ]),
  );
  return {
    class: newCollectionName(spec.name),
    properties: [...ownProperties(spec.vectors, names, false), ...declared(spec.fields ?? [])],
    invertedIndexConfig: { indexNullState: true, indexPropertyLength: true },
    ...(named.length > 0
      ? { vectorConfig }
      : {
          vectorizer: 'none',
          vectorIndexType: type,
          vectorIndexConfig: unnamed ? indexOf(unnamed) : { skip: true },
        }),
    ...(spec.partitioned
      ? { multiTenancyConfig: { enabled: true } }
      : shards && { shardingConfig: { desiredCount: shards } }),
    ...(replicas && { replicationConfig: { factor: replicas } }),
  };
}

/**
 * Another class's settings as they were, without what belongs to that class alone: sharding counts, and cross-references,
 * whose targets need not exist here (their beacons become text).
 */
function verbatim(spec: CollectionSpec): ClassJson {
  const { shardingConfig, ...config } = structuredClone(spec.native!.config) as ClassJson;
  const { document, floats } = layoutOf(config);
  const properties = (config.properties ?? []).filter(
    ({ name, dataType }) => !OWN.includes(name) && !/^[A-Z]/.test(dataType[0] ?? ''),
  );
  const stored = Object.keys(config.vectorConfig ?? {});
  const names = spec.vectors.map(({ name }) => (stored.includes(name) ? name : undefined));
  const fallback = storedNames(spec.vectors);
  const own = ownProperties(
    spec.vectors,
    names.map((name, i) => name ?? fallback[i]!),
    floats,
  );
  const desiredCount = shardingConfig?.desiredCount;
  const partitioned = spec.partitioned ?? config.multiTenancyConfig?.enabled ?? false;
  return {
    ...config,
    class: newCollectionName(spec.name),
    properties: [...own.filter(({ name }) => name !== DOCUMENT || document === null), ...properties],
    multiTenancyConfig: { ...config.multiTenancyConfig, enabled: partitioned },
    ...(!partitioned && desiredCount !== undefined && { shardingConfig: { desiredCount } }),
  };
}

function ownProperties(vectors: VectorSpec[], names: string[], floats: boolean): PropertyJson[] {
  const note: Note = {
    vdb: 1,
    ...(floats && { floats }),
    vectors: vectors.map(({ name, dimension }, i) => ({ name, stored: names[i]!, dimension })),
  };
  return [
    { name: DOCUMENT, dataType: ['text'], tokenization: 'word' },
    MARK_PROPERTY,
    { ...SIDECAR_PROPERTY, description: JSON.stringify(note) },
    HIDDEN_PROPERTY,
  ];
}

function declared(fields: FieldSpec[]): PropertyJson[] {
  const taken = new Set([...OWN, DOCUMENT]);
  return fields.flatMap(({ name: key, type }) => {
    const dataType = TYPES[type];
    const name = dataType === undefined || isReserved(key) ? null : nameFor(key, taken);
    if (name === null) return [];
    taken.add(name.toLowerCase());
    return [metadataProperty(name, key, dataType!)];
  });
}

/** A sole unnamed dense vector is the class's own; any other needs a name that is legal there. */
function storedNames(vectors: VectorSpec[]): string[] {
  if (vectors.length === 1 && vectors[0]!.name === '' && vectors[0]!.kind === 'dense') return [''];
  const taken = new Set<string>();
  return vectors.map(({ name }) => {
    const near = name === '' ? 'default' : name.replace(/[^_0-9A-Za-z]+/g, '_').slice(0, 200);
    const base = /^[_A-Za-z]/.test(near) ? near : `_${near}`;
    let stored = base;
    for (let n = 2; taken.has(stored); n++) stored = `${base}_${n}`;
    taken.add(stored);
    return stored;
  });
}

function options(given: Record<string, string>) {
  const index: VectorIndexJson = {};
  let type = 'hnsw';
  let shards: number | undefined;
  let replicas: number | undefined;
  for (const [name, value] of Object.entries(given)) {
    if (name === 'type') {
      if (!INDEX_TYPES.includes(value))
        throw refuse(`the index type '${value}' is not one of ${INDEX_TYPES.join(', ')}`);
      type = value;
      continue;
    }
    if (!['shards', 'replicas', ...INDEX_NUMBERS].includes(name)) {
      throw refuse(
        `index option '${name}' is not known to Weaviate`,
        `It has: type, shards, replicas, ${INDEX_NUMBERS.join(', ')}.`,
      );
    }
    if (!/^-?\d+$/.test(value)) throw refuse(`index option '${name}' is '${value}', not a whole number`);
    if (name === 'shards') shards = Number(value);
    else if (name === 'replicas') replicas = Number(value);
    else index[name] = Number(value);
  }
  return { index, type, shards, replicas };
}

function refuse(message: string, hint?: string): VdbError {
  return new VdbError('usage', message, { outcome: 'not_applied', ...(hint !== undefined && { hint }) });
}
