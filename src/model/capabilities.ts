import type { VectorKind } from './collection.ts';
import type { FilterOperator } from './filter/filter.ts';
import type { IdKind } from './id.ts';
import type { JsonKind } from './json/members.ts';
import type { Metric } from './metric.ts';
import type { Element } from './record.ts';

/**
 * What one connected database can do *inside* the verbs that always exist; whole verbs that may be missing are
 * optional methods of `Database` instead. Absent or false always means no.
 * Belongs to a connection, because it depends on the server's version; `describe` may narrow it for a collection.
 */
export interface Capabilities {
  metrics: Metric[];
  vectorKinds: VectorKind[];
  elements: Element[];
  /** What holds for dense vectors of bits in place of `metrics` and `limits.dimension`. Absent: those. */
  bits?: { metrics: Metric[]; dimension?: number };
  /** Kinds that are kept, but that no search ranks by. */
  unranked?: VectorKind[];
  /** More than one vector per record, by name. */
  namedVectors?: boolean;
  /** A record may lack a vector. */
  optionalVectors?: boolean;
  /** Kinds kept natively, that is: not mapped to text or to a derived id. */
  idKinds: IdKind[];
  /** Operators evaluated by the engine itself, on any field; per collection `Database.split` has the last word. */
  filters: FilterOperator[];
  partitions?: boolean;
  /** Writes are seen by the next read of any connection. */
  immediate?: boolean;
  /**
   * The order of `scan` moves while others write, or its cursor may not outlive the server's patience: a record may come twice,
   * and a scan that continues from a cursor may repeat or miss records. So a migration first notes all ids and then reads by
   * `fetch`, and every other transfer passes over an id that comes again; ids are unique within a partition. Absent: `scan`
   * gives every record that stays as it is exactly once, in an order that a cursor continues exactly.
   */
  unstableWalk?: boolean;
  /** The engine runs one call at a time. */
  exclusive?: boolean;
  /** The metric is fixed per collection (false: chosen by the query). */
  metricFixed?: boolean;
  /** Top-level metadata that is kept natively; everything else travels in the sidecar. Absent: all of it is native. */
  fields?: {
    types: JsonKind[];
    /** Values of several types, null among them, may stand under one key. */
    mixed?: boolean;
    /** Source of a regular expression that native keys match. */
    names?: string;
  };
  limits: Limits;
}

/** Hard limits; undefined means none is known. Sizes in bytes of UTF-8 or wire. */
export interface Limits {
  dimension?: number;
  batchRecords?: number;
  batchBytes?: number;
  idBytes?: number;
  recordBytes?: number;
  metadataBytes?: number;
  nameBytes?: number;
  topK?: number;
}
