import { float32sText } from '../../model/float32.ts';
import type { VectorColumn } from '../../model/record.ts';
import { vectorText } from '../../model/recordLine.ts';

/** One record's vector as the interface reads it. */
export function vectorJson(column: VectorColumn, row: number): string {
  return column.kind === 'multi' ? withPoints(vectorText(column, row)) : vectorText(column, row);
}

/** Of a query. */
export function queryJson(
  vector: Float32Array | { indices: Uint32Array; values: Float32Array } | Float32Array[],
): string {
  if (Array.isArray(vector)) return withPoints(`[${vector.map(denseJson).join(',')}]`);
  if (vector instanceof Float32Array) return denseJson(vector);
  return `{"indices":[${vector.indices.join(',')}],"values":${denseJson(vector.values)}}`;
}

function denseJson(vector: Float32Array): string {
  return `[${float32sText(vector, 0, vector.length)}]`;
}

/**
 * Whole numbers of a multi-vector are written with a decimal point: Qdrant 1.18.3 takes two rows of which the first is written
 * without for a sparse vector, and refuses them (recorded requests 26, 27, 31).
 */
function withPoints(rows: string): string {
  return rows.replace(/([[,]-?\d+)(?=[,\]])/g, '$1.0');
}
