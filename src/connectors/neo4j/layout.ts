import { VdbError } from '../../model/errors.ts';
import type { Metric } from '../../model/metric.ts';

/** Property keys of vdb's own, in any collection. */
export const RESERVED = ['_vdb_id', '_vdb_part', '_vdb_doc', '_vdb_x'];
/** Text: an id that is an integer beyond 64 bits with sign, as `i:18446744073709551615`. */
export const MARK = '_vdb_id';
/** Text: what properties cannot hold; see sidecar.ts. */
export const SIDECAR = '_vdb_x';
/** Label of the node that remembers the vector indexes of a collection while it is being loaded. */
export const LOADING = '_vdb_load';

export const ID = 'id';
export const DOCUMENT = 'document';
/** The property of the unnamed vector in collections of ours. */
export const EMBEDDING = 'embedding';

export interface VectorLayout {
  name: string;
  property: string;
  dimension: number | null;
  /** Null when no index fixes it. */
  metric: Metric | null;
  /** Name of its vector index. */
  index: string | null;
}

/** How records lie in the nodes of one label. */
export interface Layout {
  label: string;
  /** Made by vdb: the uniqueness constraint has our name. */
  own: boolean;
  /**
   * The property that is the id where it holds text or an integer; any other node has its elementId for id. Null: all have.
   * Constrained: unique by a constraint, so that its index finds and orders nodes.
   */
  key: { property: string; constrained: boolean } | null;
  vectors: VectorLayout[];
  /** The property of the document. */
  document: string;
}

/** The name of our constraint on a label, and the beginning of the names of our vector indexes. */
export function ownName(label: string): string {
  return `vdb:${encodeURIComponent(label)}`;
}

export function indexName(label: string, vector: string): string {
  return `${ownName(label)}/${encodeURIComponent(vector)}`;
}

/** The vector that an index of ours is for; undefined for an index of others. */
export function vectorOf(label: string, index: string): string | undefined {
  const begin = `${ownName(label)}/`;
  return index.startsWith(begin) ? decodeURIComponent(index.slice(begin.length)) : undefined;
}

/** Whether a metadata key can be a property of its own name: token names are neither empty nor hold NUL (5.26). */
export function isProperty(layout: Layout, key: string): boolean {
  return (
    key !== '' &&
    !key.includes('\0') &&
    key !== layout.document &&
    key !== layout.key?.property &&
    !RESERVED.includes(key) &&
    !layout.vectors.some(each => each.property === key)
  );
}

export function notFound(label: string): VdbError {
  return new VdbError('not_found', `there is no collection '${label}'`, { outcome: 'not_applied' });
}
