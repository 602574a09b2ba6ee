import type { Metric } from './metric.ts';
import type { Element } from './record.ts';

export type VectorKind = 'dense' | 'sparse' | 'multi';

/** What the store does to vectors it is given, beyond keeping them: the rule under which they may be compared. */
export type Transform = 'none' | 'normalized' | 'approximate' | 'f16';

export interface VectorSpec {
  /** `''` is the unnamed vector. */
  name: string;
  kind: VectorKind;
  /** Null for sparse vectors without a declared width. */
  dimension: number | null;
  /** Null when the store does not tie a vector to one metric (the query chooses). */
  metric: Metric | null;
  element: Element;
  /** Absent: none. */
  transform?: Transform;
}

export type FieldType =
  | 'string'
  | 'integer'
  | 'float'
  | 'boolean'
  | 'datetime'
  | 'geo'
  | 'bytes'
  | 'object'
  | 'array'
  | 'mixed';

export interface FieldSpec {
  name: string;
  /** `array` fields say what they hold: `array<string>`. */
  type: FieldType | `array<${FieldType}>`;
  indexed?: boolean;
}

/** What a collection is made from. `native` is used verbatim when source and target are the same provider. */
export interface CollectionSpec {
  name: string;
  vectors: VectorSpec[];
  fields?: FieldSpec[];
  partitioned?: boolean;
  indexOptions?: Record<string, string>;
  native?: { provider: string; config: unknown };
}

/** The Collection of cli.md §8, with what the engine needs besides. */
export interface CollectionInfo {
  name: string;
  partition: string | null;
  count: number | null;
  countExact: boolean;
  /** Its records are in partitions. Absent: as in every collection of a database that has them. */
  partitioned?: boolean;
  vectors: VectorSpec[];
  fields: FieldSpec[];
  index: Record<string, unknown>;
  native?: { provider: string; config: unknown };
}

/** What listing brings: never more than the server gives cheaply. */
export interface CollectionSummary {
  name: string;
  count: number | null;
  countExact: boolean;
  vectors: VectorSpec[];
}
