import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from '../../core/connector.ts';
import type { CollectionSpec } from '../../model/collection.ts';
import { VdbError } from '../../model/errors.ts';
import type { Metric } from '../../model/metric.ts';
import type { Neo4jLink } from './link.ts';
import { quote } from './quote.ts';

/** An index on one label, as `SHOW INDEXES` has it. */
export interface IndexRow {
  name: string;
  /** VECTOR, RANGE, … */
  type: string;
  label: string;
  properties: string[];
  state: string;
  populated: number;
  /** The index is a uniqueness or key constraint's. */
  unique: boolean;
  options: IndexOptions;
}

/** `vector.…` settings without that beginning. */
export type IndexOptions = Record<string, number | boolean | string>;

/** A vector index that is to be made. */
export interface IndexSpec {
  name: string;
  property: string;
  options: IndexOptions;
}

const INDEXES = `SHOW INDEXES YIELD name, type, entityType, labelsOrTypes, properties, options, state, populationPercent,
  owningConstraint WHERE entityType = 'NODE' AND size(labelsOrTypes) = 1`;

/** The indexes on a label alone, or on any. */
export async function indexesOf(link: Neo4jLink, label: string | null, call: Call): Promise<IndexRow[]> {
  const where = label === null ? '' : ' AND labelsOrTypes = [$label]';
  const rows = await link.read(`${INDEXES}${where}`, { label }, call);
  return rows.map(row => {
    const config = (row.get('options')?.indexConfig ?? {}) as Record<string, unknown>;
    return {
      name: row.get('name'),
      type: row.get('type'),
      label: row.get('labelsOrTypes')[0],
      properties: row.get('properties') ?? [],
      state: row.get('state'),
      populated: Number(row.get('populationPercent')),
      unique: row.get('owningConstraint') !== null,
      options: Object.fromEntries(
        Object.entries(config).map(([key, value]) => [
          key.replace(/^vector\./, ''),
          typeof value === 'bigint' ? Number(value) : (value as number | boolean | string),
        ]),
      ),
    };
  });
}

/** Cosine and euclidean are all that there are (5.26, 2026.08). */
export function metricOf(options: IndexOptions): Metric | null {
  const name = String(options.similarity_function ?? '').toLowerCase();
  return name === 'cosine' || name === 'euclidean' ? name : null;
}

const SETTINGS: Record<string, { key: string; parse(text: string): number | boolean | undefined }> = {
  m: { key: 'hnsw.m', parse: whole },
  ef_construction: { key: 'hnsw.ef_construction', parse: whole },
  quantization: { key: 'quantization.enabled', parse: text => ({ true: true, false: false })[text] },
};

/**
 * The settings each vector's index gets besides dimension and metric: those of a collection of this provider when the spec
 * carries them, else as the options say. Quantization is off unless asked for, as it is on by default (5.26: a vector's
 * similarity to itself is then 0.99997). Throws `invalid`.
 */
export function parseIndexOptions(spec: CollectionSpec): (vector: string) => IndexOptions {
  const plain: IndexOptions = { 'quantization.enabled': false };
  if (spec.indexOptions === undefined && spec.native?.provider === 'neo4j') {
    const { indexes = [] } = spec.native.config as { indexes?: { vector: string; options: IndexOptions }[] };
    return vector => portable(indexes.find(each => each.vector === vector)?.options ?? plain);
  }
  const options: IndexOptions = { ...plain };
  for (const [name, text] of Object.entries(spec.indexOptions ?? {})) {
    const setting = Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined;
    if (setting === undefined) {
      throw invalid(`'${name}' is not an index option`, `There are: ${Object.keys(SETTINGS).join(', ')}.`);
    }
    const value = setting.parse(text);
    if (value === undefined) throw invalid(`the index option ${name} cannot be '${text}'`);
    options[setting.key] = value;
  }
  return () => options;
}

/** The settings that every version takes: 2026 says `quantization.type` for `quantization.enabled`, and has more besides. */
function portable(options: IndexOptions): IndexOptions {
  const quantized = options['quantization.enabled'] ?? options['quantization.type'] !== 'NONE';
  const kept = ['hnsw.m', 'hnsw.ef_construction'].filter(key => options[key] !== undefined);
  return { 'quantization.enabled': quantized, ...Object.fromEntries(kept.map(key => [key, options[key]!])) };
}

function whole(text: string): number | undefined {
  return /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}

/** Makes a vector index; nothing when it exists. It fills in the background: see `awaitIndexes`. */
export async function createIndex(link: Neo4jLink, label: string, index: IndexSpec, call: Call): Promise<void> {
  const settings = Object.entries(index.options).map(
    ([key, value]) =>
      `${quote(`vector.${key}`)}: ${typeof value === 'string' ? `'${value.replace(/\W/g, '')}'` : value}`,
  );
  await link.run(
    `CREATE VECTOR INDEX ${quote(index.name)} IF NOT EXISTS FOR (n:${quote(label)}) ON (n.${quote(index.property)})
      OPTIONS {indexConfig: {${settings.join(', ')}}}`,
    {},
    call,
  );
}

/** Waits until every index on the label holds what is stored. */
export async function awaitIndexes(link: Neo4jLink, label: string, call: Call): Promise<void> {
  for (let pause = 10; ; pause = Math.min(500, pause * 2)) {
    const indexes = await indexesOf(link, label, call);
    const failed = indexes.find(each => each.state === 'FAILED');
    if (failed !== undefined) throw new VdbError('io', `the index ${failed.name} of the server has failed`);
    if (indexes.every(each => each.state === 'ONLINE')) return;
    await sleep(pause, undefined, { signal: call.signal });
  }
}

function invalid(message: string, hint?: string): VdbError {
  return new VdbError('invalid', message, { outcome: 'not_applied', ...(hint !== undefined && { hint }) });
}
