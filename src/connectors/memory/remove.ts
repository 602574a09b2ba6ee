import type { Filter } from '../../model/filter/filter.ts';
import { type Id, idKey } from '../../model/id.ts';
import { matching } from './matching.ts';
import type { Collection } from './store.ts';

/** Each gives how many records there were. */
export function removeIds({ rows }: Collection, ids: Id[]): number {
  return ids.filter(id => rows.delete(idKey(id))).length;
}

export function removeWhere({ rows }: Collection, filter: Filter): number {
  const matches = matching(filter);
  const found = [...rows].filter(([, row]) => matches(row));
  for (const [key] of found) rows.delete(key);
  return found.length;
}

export function clear({ rows }: Collection): number {
  const count = rows.size;
  rows.clear();
  return count;
}
