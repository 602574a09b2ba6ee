import type { SearchRequest, SearchResult } from '../../core/connector.ts';
import type { Metric } from '../../model/metric.ts';
import { type DenseColumn, isPresent, type RecordBatch } from '../../model/record.ts';
import { matching } from './matching.ts';
import { readRecords } from './recordReader.ts';
import type { Collection } from './store.ts';

interface Hit {
  row: RecordBatch;
  score: number;
  rawScore: number;
}

/** Exact: every vector is compared. */
export function search({ rows, spec }: Collection, request: SearchRequest): SearchResult {
  const metric = spec.vectors.find(vector => vector.name === request.using)!.metric!;
  const hits = [...rows.values()]
    .filter(matching(request.filter))
    .flatMap(row => scored(row, request, metric))
    .sort((a, b) => b.score - a.score)
    .slice(0, request.k);
  return {
    batch: readRecords(
      hits.map(({ row }) => row),
      spec.vectors,
      request.want,
    ),
    scores: Float64Array.from(hits, ({ score }) => score),
    rawScores: Float64Array.from(hits, ({ rawScore }) => rawScore),
  };
}

function scored(row: RecordBatch, { using, vector }: SearchRequest, metric: Metric): Hit[] {
  const column = row.vectors.find(({ name }) => name === using) as DenseColumn | undefined;
  if (!column || !isPresent(column, 0)) return [];
  const [a, b] = [vector as Float32Array, column.values as Float32Array];
  const dot = sum(a, (x, i) => x * b[i]!);
  if (metric === 'dot') return [{ row, score: dot, rawScore: -dot }];
  if (metric === 'euclidean') {
    const squared = sum(a, (x, i) => (x - b[i]!) ** 2);
    return [{ row, score: -Math.sqrt(squared), rawScore: squared }];
  }
  const lengths = Math.sqrt(sum(a, x => x * x)) * Math.sqrt(sum(b, x => x * x));
  const cosine = lengths === 0 ? 0 : dot / lengths;
  return [{ row, score: cosine, rawScore: 1 - cosine }];
}

function sum(values: Float32Array, term: (value: number, i: number) => number): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += term(values[i]!, i);
  return total;
}
