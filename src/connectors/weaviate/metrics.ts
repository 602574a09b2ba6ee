import { VdbError } from '../../model/errors.ts';
import type { Metric } from '../../model/metric.ts';

export type Distance = 'cosine' | 'dot' | 'l2-squared' | 'manhattan' | 'hamming';

const DISTANCES: Partial<Record<Metric, Distance>> = {
  cosine: 'cosine',
  dot: 'dot',
  euclidean: 'l2-squared',
  manhattan: 'manhattan',
  hamming: 'hamming',
};

export const WEAVIATE_METRICS = Object.keys(DISTANCES) as Metric[];

/** Without a metric the server's own default. */
export function distanceOf(metric: Metric | null): Distance {
  const distance = DISTANCES[metric ?? 'cosine'];
  if (distance === undefined) throw new VdbError('unsupported', `Weaviate has no metric ${metric}`);
  return distance;
}

export function metricOf(distance: string | undefined): Metric | null {
  return WEAVIATE_METRICS.find(metric => DISTANCES[metric] === (distance ?? 'cosine')) ?? null;
}

/** Neutral score of a distance: 1-c, -p, e², and plain distances. */
export function neutral(metric: Metric | null, distance: number): number {
  if (metric === 'cosine') return 1 - distance;
  if (metric === 'euclidean') return 0 - Math.sqrt(Math.max(0, distance));
  return 0 - distance;
}
