import type { VectorQuery } from '@lancedb/lancedb';
import type { Call, SearchRequest, SearchResult } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import type { Metric } from '../../model/metric.ts';
import { decode, type Slice, selection } from './decode.ts';
import { filterSql } from './filterSql.ts';
import type { VectorField } from './layout.ts';
import type { Opened } from './openTable.ts';

export const DISTANCES = { cosine: 'cosine', dot: 'dot', euclidean: 'l2' } as const;
type Known = keyof typeof DISTANCES;

/** Lance's raw distances (run: 0.37.1): cosine 1 - c, dot 1 - p, l2 squared. */
const NEUTRAL: Record<Known, (distance: number) => number> = {
  cosine: distance => 1 - distance,
  dot: distance => 1 - distance,
  euclidean: distance => -Math.sqrt(distance),
};

/**
 * Exact unless the vector has an index; the filter is applied first. With cosine, vectors of length zero are never hits, and
 * those so short that their square is zero in float32, which Lance ranks first at -Infinity, are left out as well.
 */
export async function search(opened: Opened, request: SearchRequest, call: Call): Promise<SearchResult> {
  const { table, layout } = opened;
  const field = layout.vectors.find(vector => vector.name === request.using);
  if (!field) {
    throw new VdbError('invalid', `table '${layout.table}' has no vector '${request.using}'`, {
      outcome: 'not_applied',
    });
  }
  const metric = await metricOf(opened, field, request.metric);
  const query = (): VectorQuery => {
    const ranked = table
      .vectorSearch(request.vector as Float32Array)
      .column(field.column)
      .distanceType(DISTANCES[metric])
      .select([...selection(layout, request.want), '_distance'])
      .limit(request.k);
    return request.filter ? ranked.where(filterSql(layout, request.filter)) : ranked;
  };
  let hits = await run(query(), call);
  // Asking for a range each time would take twice as long.
  if (hits.distances[0] === Number.NEGATIVE_INFINITY) hits = await run(query().distanceRange(-1), call);
  return {
    batch: decode(layout, request.want, hits.slices),
    scores: Float64Array.from(hits.distances, NEUTRAL[metric]),
    rawScores: Float64Array.from(hits.distances),
  };
}

/** In batches of Lance's own size: a small one makes it rank in small batches, five times slower. */
async function run(query: VectorQuery, call: Call): Promise<{ slices: Slice[]; distances: number[] }> {
  const slices: Slice[] = [];
  for await (const batch of query) {
    call.signal.throwIfAborted();
    if (batch.numRows > 0) slices.push({ batch, from: 0, to: batch.numRows });
  }
  const distances = slices.flatMap(({ batch }) => [...(batch.getChild('_distance')!.data[0]!.values as Float32Array)]);
  return { slices, distances };
}

/** The vector's own; in tables made by others that of its index, else what was asked for, else Lance's default. */
async function metricOf(opened: Opened, field: VectorField, asked: Metric | undefined): Promise<Known> {
  const metric = field.metric ?? (await indexMetric(opened, field)) ?? asked ?? 'euclidean';
  if (metric in DISTANCES) return metric as Known;
  throw new VdbError('unsupported', `Lance cannot rank by ${metric}`, { outcome: 'not_applied' });
}

export async function indexMetric({ table }: Opened, field: VectorField): Promise<Metric | null> {
  for (const index of await table.listIndices()) {
    if (index.columns.length !== 1 || index.columns[0] !== field.column) continue;
    const type = (await table.indexStats(index.name))?.distanceType;
    const metric = (Object.keys(DISTANCES) as Known[]).find(known => DISTANCES[known] === type);
    if (metric) return metric;
  }
  return null;
}
