import { isSparse, type Sparse, type Stored, type VectorConfig } from './vectors.ts';

const f32 = Math.fround;

/** As the engine ranks: higher is better. In float32, one component after the other, as it does below 16 dimensions. */
export function similarity(query: Float32Array, row: Float32Array, distance: VectorConfig['distance']): number {
  let sum = 0;
  for (let i = 0; i < row.length; i++) {
    const [a, b] = [query[i]!, row[i]!];
    const difference = f32(a - b);
    if (distance === 'Euclid') sum = f32(sum + f32(difference * difference));
    else if (distance === 'Manhattan') sum = f32(sum + Math.abs(difference));
    else sum = f32(sum + f32(a * b));
  }
  return distance === 'Euclid' || distance === 'Manhattan' ? -sum : sum;
}

/** Each row of the query with its nearest row. */
export function maxSim(query: Float32Array[], rows: Stored, distance: VectorConfig['distance']): number {
  if (isSparse(rows)) return Number.NaN;
  return query.reduce((sum, one) => f32(sum + Math.max(...rows.map(row => similarity(one, row, distance)))), 0);
}

export function sparseDot(query: Sparse, vector: Sparse, weight: (index: number) => number): number | undefined {
  let sum = 0;
  let met = false;
  query.indices.forEach((index, i) => {
    const at = vector.indices.indexOf(index);
    if (at < 0) return;
    met = true;
    sum = f32(sum + f32(f32(query.values[i]! * weight(index)) * vector.values[at]!));
  });
  return met ? sum : undefined;
}

/** What the answer shows. */
export function shown(similar: number, distance: VectorConfig['distance'] | 'sparse'): number {
  if (distance === 'Euclid') return f32(Math.sqrt(Math.abs(similar)));
  return distance === 'Manhattan' ? Math.abs(similar) : similar;
}
