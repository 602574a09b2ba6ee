import type { VectorSpec } from '../../model/collection.ts';
import type { ClassJson, PropertyJson, VectorIndexJson } from './classJson.ts';
import { metricOf } from './metrics.ts';
import { HIDDEN, ID_MARK, OWN, SIDECAR } from './propertyName.ts';

export interface Property {
  name: string;
  /** The metadata key it holds: its name, unless that was not legal for a property. */
  key: string;
  /** Weaviate's data type without `[]`; `reference` for cross-references. */
  type: string;
  list: boolean;
  /** Its values are in the inverted index as they are: filters by value are exact, but for white space around text. */
  indexed: boolean;
  /** Classes that a reference may point to. */
  targets: string[];
}

export interface StoredVector extends VectorSpec {
  /** Name in the class; '' is the class's own, unnamed vector. */
  stored: string;
}

/** What a class's properties mean to us. */
export interface Layout {
  /** Its real name. */
  collection: string;
  config: ClassJson;
  /** Made by vdb, so that what properties and their indexes lack is noted beside them. */
  own: boolean;
  /** All numbers in `number` properties are floats; else a whole one is an integer unless the sidecar says otherwise. */
  floats: boolean;
  vectors: StoredVector[];
  document: string | null;
  /** Metadata properties by key, in the order of the schema. */
  fields: Map<string, Property>;
  /** The same by name. */
  properties: Map<string, Property>;
  marks: boolean;
  sidecar: boolean;
  hidden: boolean;
  /** `IsNull` can be asked. */
  nullState: boolean;
  partitioned: boolean;
}

/** Description of `_vdb_x` in a class made by vdb: what the class itself has no place for. */
export interface Note {
  vdb: 1;
  /** `Layout.floats`, for a class made like one of another program. */
  floats?: true;
  vectors: { name: string; stored: string; dimension: number | null }[];
}

/** Text properties that are the document, the first one there is. */
export const DOCUMENTS = ['document', 'text', 'content', 'body', 'chunk'];
/** Begins the description of a property whose name is not its key; the key follows as JSON. */
const KEY = 'key ';

export function keyDescription(key: string): string {
  return KEY + JSON.stringify(key);
}

export function layoutOf(config: ClassJson): Layout {
  const all = config.properties ?? [];
  const note = readNote(all.find(({ name }) => name === SIDECAR));
  const document = DOCUMENTS.find(name => all.some(each => each.name === name && each.dataType[0] === 'text')) ?? null;
  const metadata = all.filter(({ name }) => name !== document && !OWN.includes(name)).map(property);
  const has = (name: string): boolean => all.some(each => each.name === name);
  return {
    collection: config.class,
    config,
    own: note !== undefined,
    floats: note === undefined || note.floats === true,
    vectors: storedVectors(config, note),
    document,
    fields: new Map(metadata.map(each => [each.key, each])),
    properties: new Map(metadata.map(each => [each.name, each])),
    marks: has(ID_MARK),
    sidecar: has(SIDECAR),
    hidden: has(HIDDEN),
    nullState: config.invertedIndexConfig?.indexNullState === true,
    partitioned: config.multiTenancyConfig?.enabled === true,
  };
}

function readNote(json: PropertyJson | undefined): Note | undefined {
  if (!json?.description?.startsWith('{')) return undefined;
  try {
    const note = JSON.parse(json.description) as Partial<Note>;
    return note.vdb === 1 && Array.isArray(note.vectors) ? (note as Note) : undefined;
  } catch {
    // A description of somebody else's.
    return undefined;
  }
}

function property(json: PropertyJson): Property {
  const [full = ''] = json.dataType;
  const list = full.endsWith('[]');
  const reference = /^[A-Z]/.test(full);
  const type = reference ? 'reference' : list ? full.slice(0, -2) : full;
  const text = type === 'text' || type === 'string';
  const whole = !text || (json.tokenization === 'field' && json.textAnalyzer === undefined);
  return {
    name: json.name,
    key: keyOf(json),
    type: type === 'string' ? 'text' : type,
    list: list || reference,
    indexed: json.indexFilterable !== false && whole && type !== 'blob',
    targets: reference ? json.dataType : [],
  };
}

function keyOf({ name, description }: PropertyJson): string {
  if (!description?.startsWith(KEY)) return name;
  try {
    const key: unknown = JSON.parse(description.slice(KEY.length));
    return typeof key === 'string' ? key : name;
  } catch {
    // A description of somebody else's.
    return name;
  }
}

function storedVectors(config: ClassJson, note: Note | undefined): StoredVector[] {
  const vectors: StoredVector[] = [];
  const add = (stored: string, index: VectorIndexJson): void => {
    const noted = note?.vectors.find(each => each.stored === stored);
    if (note && !noted && stored === '') return;
    vectors.push({
      name: noted?.name ?? stored,
      stored,
      kind: index.multivector?.enabled === true ? 'multi' : 'dense',
      dimension: noted?.dimension ?? null,
      metric: metricOf(index.distance),
      element: 'f32',
    });
  };
  const { vectorIndexConfig } = config;
  if (config.vectorIndexType !== undefined && config.vectorIndexType !== '' && vectorIndexConfig?.skip !== true)
    add('', vectorIndexConfig ?? {});
  for (const [name, each] of Object.entries(config.vectorConfig ?? {})) add(name, each.vectorIndexConfig ?? {});
  return vectors;
}
