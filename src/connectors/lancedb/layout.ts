import type { Schema } from 'apache-arrow';
import { VdbError } from '../../model/errors.ts';
import type { Metric } from '../../model/metric.ts';
import type { Element } from '../../model/record.ts';
import { type Field, fieldOf } from './field.ts';
import { readSidecarNote, SIDECAR, type SidecarNote } from './sidecar.ts';
import { readVectorNote, vectorElement, vectorNames } from './vectorNote.ts';

export const ID = 'id';
/** Says which ids are integers: `i:7` beside the id `7`; null for text. Added with the first integer. */
export const ID_KIND = '_vdb_id';
export const DOCUMENT = 'document';
/** An Int64 column k on its way to Float64; see widen.ts. */
export const WIDENING = '_vdb_w_';
/** More columns than this slow or break later merges. */
export const MOST_COLUMNS = 256;

const DOCUMENTS = [DOCUMENT, 'text', 'content', 'body', 'chunk'];

export interface VectorField {
  /** `''` is the unnamed vector. */
  name: string;
  column: string;
  element: Element;
  dimension: number;
  /** Null in tables made by others, unless an index ties it. */
  metric: Metric | null;
}

/** What a table's columns mean to us; derived from its schema alone, so a checked-out version has its own. */
export interface Layout {
  table: string;
  schema: Schema;
  /** Null: no column is fit to be the id. */
  idKind: 'text' | 'integer' | null;
  /** There is an `_vdb_id` column. */
  marksIntegers: boolean;
  vectors: VectorField[];
  documentColumn: string | null;
  /** Metadata columns by key. */
  fields: Map<string, Field>;
  /** Null: the table has no `_vdb_x` column: made by another program, and nothing was written that needs one. */
  sidecar: SidecarNote | null;
  /** Keys whose widening was interrupted. */
  widening: string[];
}

export function layoutOf(table: string, schema: Schema): Layout {
  const taken = new Set([ID, ID_KIND, SIDECAR]);
  const sidecarField = schema.fields.find(field => field.name === SIDECAR);
  const vectorFields = schema.fields.filter(field => !taken.has(field.name) && vectorElement(field.type) !== null);
  const names = vectorNames(vectorFields);
  const vectors = vectorFields.map((field, i) => ({
    name: names[i]!,
    column: field.name,
    metric: readVectorNote(field)?.metric ?? null,
    ...vectorElement(field.type)!,
  }));
  for (const vector of vectors) taken.add(vector.column);
  const documentColumn =
    DOCUMENTS.find(name =>
      schema.fields.some(field => field.name === name && fieldOf(field).kind === 'text' && !fieldOf(field).list),
    ) ?? null;
  if (documentColumn !== null) taken.add(documentColumn);
  const rest = schema.fields.filter(field => !taken.has(field.name) && field.name !== '*');
  const widening = sidecarField ? rest.filter(field => field.name.startsWith(WIDENING)) : [];
  return {
    table,
    schema,
    idKind: idKindOf(schema),
    marksIntegers: schema.fields.some(field => field.name === ID_KIND),
    vectors,
    documentColumn,
    fields: new Map(rest.filter(field => !widening.includes(field)).map(field => [field.name, fieldOf(field)])),
    sidecar: sidecarField ? readSidecarNote(sidecarField) : null,
    widening: widening.map(field => field.name.slice(WIDENING.length)),
  };
}

function idKindOf(schema: Schema): 'text' | 'integer' | null {
  const field = schema.fields.find(candidate => candidate.name === ID);
  if (!field) return null;
  const { kind, list } = fieldOf(field);
  if (list) return null;
  return kind === 'text' ? 'text' : kind === 'int' ? 'integer' : null;
}

/** Throws `unsupported` for a table that records cannot be told apart in. */
export function requireId(layout: Layout): 'text' | 'integer' {
  if (layout.idKind !== null) return layout.idKind;
  throw new VdbError('unsupported', `table '${layout.table}' has no column 'id' of text or 64-bit integers`, {
    outcome: 'not_applied',
    hint: "Rename the column that identifies its rows to 'id'.",
  });
}
