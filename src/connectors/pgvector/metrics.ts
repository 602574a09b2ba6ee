import type { Metric } from '../../model/metric.ts';
import type { Element } from '../../model/record.ts';

export interface PgMetric {
  /** The distance operator: less is nearer. */
  operator: string;
  /** Behind the type's name, in its operator class. */
  opclass: string;
  /** Neutral score of a distance. */
  score(distance: number): number;
}

export const PG_METRICS: Partial<Record<Metric, PgMetric>> = {
  cosine: { operator: '<=>', opclass: 'cosine_ops', score: distance => 1 - distance },
  dot: { operator: '<#>', opclass: 'ip_ops', score: distance => -distance },
  euclidean: { operator: '<->', opclass: 'l2_ops', score: distance => -distance },
  manhattan: { operator: '<+>', opclass: 'l1_ops', score: distance => -distance },
  hamming: { operator: '<~>', opclass: 'hamming_ops', score: distance => -distance },
  jaccard: { operator: '<%>', opclass: 'jaccard_ops', score: distance => -distance },
};

/** What vectors of bits are compared by; all others by the rest. */
export const BIT_METRICS: Metric[] = ['hamming', 'jaccard'];

/** Where nobody named one. */
export function defaultMetric(element: Element): Metric {
  return element === 'bit' ? 'hamming' : 'cosine';
}

/** `vector_cosine_ops` → cosine; null for classes that are not a metric's. */
export function metricOfOpclass(opclass: string): Metric | null {
  for (const [metric, { opclass: ending }] of Object.entries(PG_METRICS)) {
    if (opclass.endsWith(`_${ending}`)) return metric as Metric;
  }
  return null;
}
