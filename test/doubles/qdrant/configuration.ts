import type { CollectionConfig } from './collection.ts';
import type { JsonObject } from './json.ts';
import { toPlain } from './json.ts';
import { badFormat, invalidBody, Refusal } from './refusal.ts';
import type { VectorConfig } from './vectors.ts';

const DISTANCES = ['Cosine', 'Dot', 'Euclid', 'Manhattan'];

/** The body of `PUT /collections/{name}`, checked. */
export function readConfig(body: JsonObject): CollectionConfig {
  const config = toPlain(body) as CollectionConfig;
  const { vectors = {} } = config;
  const list: [string, VectorConfig][] =
    'size' in vectors
      ? [['vectors', vectors as VectorConfig]]
      : Object.entries(vectors).map(([name, each]) => [`vectors.${name}`, each as VectorConfig]);
  for (const [path, { size, distance }] of list) {
    if (!Number.isInteger(size) || size < 1 || !DISTANCES.includes(distance)) {
      throw badFormat('data did not match any variant of untagged enum VectorsConfig');
    }
    if (size > 65_536) throw invalidBody(`${path}.size: value ${size} invalid, must be from 1 to 65536`);
  }
  return config;
}

export function checkName(name: string): void {
  const bad = [...'<>:"/\\|?*\0\u001f'].find(char => name.includes(char));
  if (bad === undefined && name.length > 0 && name.length <= 255) return;
  const why =
    bad === undefined
      ? `value "${name}" invalid, must be from 1 to 255 characters`
      : `collection name cannot contain "${bad}" char`;
  throw new Refusal(422, `Validation error in path parameters: [collection_name: ${why}]`);
}

const HNSW = { m: 16, ef_construct: 100, full_scan_threshold: 10_000, max_indexing_threads: 0, on_disk: false };
const OPTIMIZERS = {
  deleted_threshold: 0.2,
  vacuum_min_vector_number: 1000,
  default_segment_number: 0,
  max_segment_size: null,
  memmap_threshold: null,
  indexing_threshold: 10_000,
  flush_interval_sec: 5,
  max_optimization_threads: null,
  prevent_unoptimized: null,
};

/** `config` of `GET /collections/{name}`. */
export function shownConfig(config: CollectionConfig): unknown {
  const given = config as CollectionConfig & Record<string, object | undefined>;
  return {
    params: {
      vectors: given.vectors ?? {},
      shard_number: given.shard_number ?? 1,
      replication_factor: given.replication_factor ?? 1,
      write_consistency_factor: 1,
      on_disk_payload: given.on_disk_payload ?? true,
      ...(given.sparse_vectors && { sparse_vectors: given.sparse_vectors }),
    },
    hnsw_config: { ...HNSW, ...given.hnsw_config },
    optimizer_config: { ...OPTIMIZERS, ...given.optimizers_config },
    wal_config: { wal_capacity_mb: 32, wal_segments_ahead: 0, wal_retain_closed: 1 },
    quantization_config: given.quantization_config ?? null,
    ...(given.metadata && { metadata: given.metadata }),
  };
}

/** `PATCH`: settings given replace those there, one level down. */
export function patched(config: CollectionConfig, body: JsonObject): CollectionConfig {
  const changes = toPlain(body) as Record<string, Record<string, unknown>>;
  const merged: Record<string, unknown> = { ...config };
  for (const [key, value] of Object.entries(changes))
    merged[key] = { ...(merged[key] as object | undefined), ...value };
  return merged as CollectionConfig;
}
