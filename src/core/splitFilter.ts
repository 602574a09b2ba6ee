import type { Filter, FilterOperator } from '../model/filter/filter.ts';
import type { Call, CollectionRef, Database, SplitFilter } from './connector.ts';

/** What of a filter the engine evaluates, and what only the evaluator can; joined by AND. */
export async function splitFilter(
  database: Database,
  ref: CollectionRef,
  filter: Filter,
  call: Call,
): Promise<SplitFilter> {
  if (database.split) return database.split(ref, filter, call);
  const { filters } = database.capabilities;
  const conjuncts = filter.op === 'and' ? filter.args : [filter];
  const native = conjuncts.filter(part => undeclared(part, filters) === undefined);
  const residual = conjuncts.filter(part => undeclared(part, filters) !== undefined);
  return { native: joined(native), residual: joined(residual) };
}

/** The first operator of the tree that is not among `declared`, with the filter that holds it. */
export function undeclared(filter: Filter, declared: readonly FilterOperator[]): Filter | undefined {
  if (!declared.includes(filter.op)) return filter;
  if (filter.op === 'not') return undeclared(filter.arg, declared);
  if (filter.op === 'and' || filter.op === 'or') {
    for (const arg of filter.args) {
      const found = undeclared(arg, declared);
      if (found) return found;
    }
  }
  return undefined;
}

function joined(parts: Filter[]): Filter | null {
  if (parts.length === 0) return null;
  return parts.length === 1 ? parts[0]! : { op: 'and', args: parts };
}
