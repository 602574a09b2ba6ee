import { VdbError } from '../../model/errors.ts';
import type { Metric } from '../../model/metric.ts';

export type Distance = 'Cosine' | 'Dot' | 'Euclid' | 'Manhattan';

const DISTANCES: Partial<Record<Metric, Distance>> = {
  cosine: 'Cosine',
  dot: 'Dot',
  euclidean: 'Euclid',
  manhattan: 'Manhattan',
};

export const QDRANT_METRICS = Object.keys(DISTANCES) as Metric[];

export function distanceOf(metric: Metric): Distance {
  const distance = DISTANCES[metric];
  if (distance === undefined) throw new VdbError('unsupported', `Qdrant has no metric ${metric}`);
  return distance;
}

export function metricOf(distance: string): Metric | null {
  return QDRANT_METRICS.find(metric => DISTANCES[metric] === distance) ?? null;
}

/** Neutral score: Cosine and Dot are similarities; Euclid (its root is taken) and Manhattan are distances. */
export function neutral(metric: Metric | null, raw: number): number {
  return metric === 'euclidean' || metric === 'manhattan' ? 0 - raw : raw;
}
