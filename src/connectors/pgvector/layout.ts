import type { VectorKind } from '../../model/collection.ts';
import type { Metric } from '../../model/metric.ts';
import { identifier } from './quote.ts';

export type VectorType = 'vector' | 'halfvec' | 'sparsevec' | 'bit' | 'vector[]';

export interface VectorColumnLayout {
  column: string;
  /** The vector's name in records; '' the unnamed one. */
  name: string;
  type: VectorType;
  kind: VectorKind;
  /** Null when the column is not tied to one. */
  dimension: number | null;
  /** Declared by `create`, or that of its index; null when nobody said. */
  metric: Metric | null;
  /** OID of the type of an array's elements, which COPY writes before them. */
  elementType?: number;
}

/** How values of an ordinary column become JSON and are made from it. */
export type FieldKind =
  | 'text'
  | 'integer'
  | 'numeric'
  | 'real'
  | 'double'
  | 'boolean'
  | 'timestamptz'
  | 'bytes'
  | 'json'
  | 'array'
  | 'floatArray';

export interface FieldColumn {
  column: string;
  kind: FieldKind;
  /** As `format_type` spells it. */
  type: string;
  /** Digits behind the point that the type keeps; null when it keeps all. */
  scale: number | null;
}

/** How records lie in one table. Tables of ours are the case without `fields`. */
export interface Layout {
  schema: string;
  table: string;
  /** Made by vdb: `create` left its mark in the table's comment. */
  own: boolean;
  id: { column: string; kind: 'text' | 'integer' | 'uuid'; type: string };
  vectors: VectorColumnLayout[];
  /** Vector columns with an index, whose searches are approximate. */
  indexed: string[];
  document: string | null;
  /** The jsonb column whose keys are the metadata. */
  metadata: string | null;
  fields: FieldColumn[];
  /** The planner's estimate; null when the table was never analysed. */
  estimate: number | null;
}

/** The table as SQL text. */
export function tableName(layout: { schema: string; table: string }): string {
  return `${identifier(layout.schema)}.${identifier(layout.table)}`;
}

/** A column of the table under its alias `t`: an unqualified name would mean the output column in ORDER BY. */
export function column(name: string): string {
  return `t.${identifier(name)}`;
}

export const ELEMENTS = { vector: 'f32', halfvec: 'f16', sparsevec: 'f32', bit: 'bit', 'vector[]': 'f32' } as const;

export const KINDS = {
  vector: 'dense',
  halfvec: 'dense',
  sparsevec: 'sparse',
  bit: 'dense',
  'vector[]': 'multi',
} as const;

/** The type as SQL that takes any dimension: `bit` without quotes would be bit(1). */
export function anyDimension(type: VectorType): string {
  return type === 'bit' ? 'pg_catalog."bit"' : type;
}
