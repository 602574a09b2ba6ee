import type { SplitFilter } from '../../core/connector.ts';
import type { Filter } from '../../model/filter/filter.ts';
import { condition } from './filterJson.ts';
import type { Layout } from './layout.ts';

/** Conjuncts that Qdrant evaluates exactly on this collection, and the others. */
export function splitFilter(layout: Layout, filter: Filter): SplitFilter {
  const conjuncts = filter.op === 'and' ? filter.args : [filter];
  const native: Filter[] = [];
  const residual: Filter[] = [];
  for (const part of conjuncts) (condition(layout, part) === undefined ? residual : native).push(part);
  return { native: joined(native), residual: joined(residual) };
}

function joined(parts: Filter[]): Filter | null {
  if (parts.length === 0) return null;
  return parts.length === 1 ? parts[0]! : { op: 'and', args: parts };
}
