import type { Call } from '../../core/connector.ts';
import type { VectorSpec } from '../../model/collection.ts';
import type { Element } from '../../model/record.ts';
import { parsePath } from './jsonPath.ts';
import { metricOf } from './metrics.ts';
import { type Client, pathOf } from './wire/client.ts';

/** `GET /collections/{name}` as far as it is used; `native` settings are carried as they are. */
export interface RawInfo {
  status: 'green' | 'yellow' | 'grey' | 'red';
  points_count?: number | null;
  indexed_vectors_count?: number | null;
  /** Since 1.18. */
  update_queue?: { length: number };
  config: {
    params: {
      vectors?: RawVector | Record<string, RawVector>;
      sparse_vectors?: Record<string, Record<string, unknown>>;
      on_disk_payload?: boolean;
      shard_number?: number;
      replication_factor?: number;
    };
    hnsw_config: Record<string, unknown>;
    optimizer_config: Record<string, unknown>;
    quantization_config?: unknown;
    metadata?: Record<string, unknown>;
  };
  payload_schema: Record<string, { data_type: string; points?: number; params?: unknown }>;
}

export interface RawVector {
  size: number;
  distance: string;
  datatype?: string;
  multivector_config?: { comparator: string };
  [setting: string]: unknown;
}

/** How records lie in one collection. */
export interface Layout {
  name: string;
  documentKey: string;
  vectors: VectorSpec[];
  /** Type of payload index by path (its keys as JSON). */
  indexes: Map<string, string>;
}

export function readInfo(client: Client, collection: string, call: Call): Promise<RawInfo> {
  return client.json('GET', pathOf('collections', collection), undefined, call);
}

export function layoutOf(name: string, documentKey: string, info: RawInfo): Layout {
  const { vectors = {}, sparse_vectors = {} } = info.config.params;
  const dense: Record<string, RawVector> = isVector(vectors) ? { '': vectors } : vectors;
  const indexes = new Map<string, string>();
  for (const [path, { data_type }] of Object.entries(info.payload_schema)) {
    const keys = parsePath(path);
    if (keys) indexes.set(JSON.stringify(keys), data_type);
  }
  return {
    name,
    documentKey,
    vectors: [
      ...Object.entries(dense).map(([vector, raw]) => denseSpec(vector, raw)),
      ...Object.keys(sparse_vectors).map(sparseSpec),
    ],
    indexes,
  };
}

/** A collection has one unnamed vector, or an object of named ones. */
function isVector(vectors: RawVector | Record<string, RawVector>): vectors is RawVector {
  return typeof vectors.size === 'number';
}

function denseSpec(name: string, { size, distance, datatype, multivector_config }: RawVector): VectorSpec {
  const metric = metricOf(distance);
  const element: Element = datatype === 'float16' ? 'f16' : datatype === 'uint8' ? 'u8' : 'f32';
  const multi = multivector_config !== undefined && multivector_config !== null;
  // Written under Cosine a vector is normalised, unless it holds bytes (segment/src/spaces/metric_uint).
  const transform =
    metric === 'cosine' && element !== 'u8' ? 'normalized' : multi && element === 'f16' ? 'f16' : undefined;
  return {
    name,
    kind: multi ? 'multi' : 'dense',
    dimension: size,
    metric,
    element: multi ? 'f32' : element,
    ...(transform && { transform }),
  };
}

function sparseSpec(name: string): VectorSpec {
  return { name, kind: 'sparse', dimension: null, metric: 'dot', element: 'f32' };
}
