import type { Capabilities } from '../model/capabilities.ts';
import type { VectorSpec } from '../model/collection.ts';
import type { Metric } from '../model/metric.ts';

/** By which metrics a database compares vectors of this kind and element, and how many dimensions they may have. */
export function vectorBounds(
  { metrics, limits, bits }: Capabilities,
  { kind, element }: Pick<VectorSpec, 'kind' | 'element'>,
): { metrics: Metric[]; dimension?: number } {
  if (bits !== undefined && kind === 'dense' && element === 'bit') return bits;
  return { metrics, ...(limits.dimension !== undefined && { dimension: limits.dimension }) };
}
