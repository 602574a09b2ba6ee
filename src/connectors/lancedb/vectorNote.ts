import type { DataType, Field } from 'apache-arrow';
import type { VectorSpec } from '../../model/collection.ts';
import type { Metric } from '../../model/metric.ts';
import type { Element } from '../../model/record.ts';
import { arrow } from './arrow.ts';

/** Where a vector column's own name and metric are kept: Lance has no place for either. Survives merges and optimize. */
const NOTE = 'vdb';

export interface VectorNote {
  name: string;
  metric: Metric | null;
}

export function readVectorNote(field: Field): VectorNote | undefined {
  const note = field.metadata.get(NOTE);
  return note === undefined ? undefined : (JSON.parse(note) as VectorNote);
}

/** A dense vector's element and width; null for any other column. */
export function vectorElement(type: DataType): { element: Element; dimension: number } | null {
  const { DataType: types, Precision } = arrow;
  if (!types.isFixedSizeList(type)) return null;
  const child = type.valueType as DataType;
  if (!types.isFloat(child) || child.precision === Precision.DOUBLE) return null;
  return { element: child.precision === Precision.HALF ? 'f16' : 'f32', dimension: type.listSize };
}

/** What their collection calls them: as noted; else a sole vector is the unnamed one, and several go by column. */
export function vectorNames(fields: Field[]): string[] {
  return fields.map(field => readVectorNote(field)?.name ?? (fields.length === 1 ? '' : field.name));
}

export function vectorType(element: Element, dimension: number): DataType {
  const child = element === 'f16' ? new arrow.Float16() : new arrow.Float32();
  return new arrow.FixedSizeList(dimension, new arrow.Field('item', child as DataType, true));
}

/** The column of a new collection's vector: its name where that is fit for one. */
export function vectorField(spec: VectorSpec, taken: Set<string>): Field {
  const wanted = spec.name === '' ? 'vector' : spec.name;
  let column = wanted;
  const fit = /^[^_*`.\u0000-\u001f\u007f][^`.\u0000-\u001f\u007f]*$/.test(wanted);
  for (let n = 1; !fit || taken.has(column); n++) {
    column = `vector_${n}`;
    if (!taken.has(column)) break;
  }
  taken.add(column);
  const note: VectorNote = { name: spec.name, metric: spec.metric };
  const type = vectorType(spec.element, spec.dimension!);
  return new arrow.Field(column, type, true, new Map([[NOTE, JSON.stringify(note)]]));
}
