import type { Call } from '../../core/connector.ts';
import type { VectorSpec } from '../../model/collection.ts';
import type { Metric } from '../../model/metric.ts';
import { badAnswer, type HttpLink } from './httpLink.ts';

/** The database at hand. */
export interface Server {
  link: HttpLink;
  /** `/tenants/…/databases/…` */
  root: string;
  /** Vectors may be written as base64 of their float32 bytes, little-endian. */
  base64: boolean;
}

/** A collection as the server describes it (openapi.json of 1.5.9, schema Collection), as far as it is read here. */
export interface Collection {
  id: string;
  name: string;
  /** Null until the first record. */
  dimension: number | null;
  metadata: Record<string, unknown> | null;
  configuration_json: {
    hnsw?: Record<string, unknown> | null;
    spann?: Record<string, unknown> | null;
    embedding_function?: unknown;
  } | null;
}

/** Collection metadata of ours: a string with JSON, because an array there panics the server (Chroma 1.5.9). */
export const NOTE = '_vdb';

const METRICS: Record<string, Metric> = { cosine: 'cosine', ip: 'dot', l2: 'euclidean' };

export async function findCollection({ link, root }: Server, name: string, call: Call): Promise<Collection> {
  const path = `${root}/collections/${encodeURIComponent(name)}`;
  return checked(await link.json<Collection>('GET', path, undefined, call));
}

export function checked(collection: Collection): Collection {
  if (typeof collection?.id !== 'string' || typeof collection.name !== 'string') {
    throw badAnswer('a collection without id and name');
  }
  return collection;
}

/** `add`, `get`, … of the collection. */
export function operation(root: string, { id }: Collection, name: string): string {
  return `${root}/collections/${id}/${name}`;
}

/** `cosine`, `ip` or `l2`; also of collections that say it in their metadata, as before Chroma 1.0. */
export function spaceOf({ configuration_json, metadata }: Collection): string {
  const space = configuration_json?.hnsw?.space ?? configuration_json?.spann?.space ?? metadata?.['hnsw:space'];
  return typeof space === 'string' ? space : 'l2';
}

export function spaceFor(metric: Metric): string {
  return Object.keys(METRICS).find(space => METRICS[space] === metric)!;
}

/** The one vector. Under cosine it comes back within some 1e-7 (measured: of 6,000 none bit for bit), else exactly. */
export function vectorOf(collection: Collection): VectorSpec {
  const metric = METRICS[spaceOf(collection)] ?? null;
  return {
    name: '',
    kind: 'dense',
    dimension: collection.dimension ?? declaredDimension(collection),
    metric,
    element: 'f32',
    transform: metric === 'cosine' ? 'approximate' : 'none',
  };
}

/** What `create` was told, as the server takes a dimension from the first record only. */
function declaredDimension({ metadata }: Collection): number | null {
  const note = metadata?.[NOTE];
  if (typeof note !== 'string') return null;
  try {
    const { dimension } = JSON.parse(note) as { dimension?: unknown };
    return Number.isSafeInteger(dimension) && (dimension as number) > 0 ? (dimension as number) : null;
  } catch {
    return null;
  }
}
