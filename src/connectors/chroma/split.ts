import type { Call, SplitFilter } from '../../core/connector.ts';
import type { Filter } from '../../model/filter/filter.ts';
import type { Collection, Server } from './collection.ts';
import { conjuncts, hiding, whereOf } from './filterWhere.ts';
import { idsOf } from './query.ts';
import { anyOf, printWhere, type Where } from './where.ts';

/**
 * Of a conjunction, what the server evaluates exactly on this collection and what only the evaluator can. A condition on a
 * field is left to the evaluator as soon as one record keeps in its sidecar what the server would have to see: that is asked
 * for, in one request when there is no such record.
 */
export async function split(server: Server, collection: Collection, filter: Filter, call: Call): Promise<SplitFilter> {
  const parts = conjuncts(filter);
  const able = parts.filter(part => part.op === 'ids' || whereOf(part) !== null);
  const native = (await exists(server, collection, anyOf(able.map(hiding)), call))
    ? await withoutHidden(server, collection, able, call)
    : able;
  return { native: joined(native), residual: joined(parts.filter(part => !native.includes(part))) };
}

async function withoutHidden(server: Server, collection: Collection, parts: Filter[], call: Call): Promise<Filter[]> {
  const hidden = await Promise.all(parts.map(part => exists(server, collection, hiding(part), call)));
  return parts.filter((_, i) => !hidden[i]);
}

async function exists(server: Server, collection: Collection, where: Where, call: Call): Promise<boolean> {
  if (typeof where === 'boolean') return where;
  return (await idsOf(server, collection, { where: printWhere(where) }, call, { limit: 1 })).length > 0;
}

function joined(args: Filter[]): Filter | null {
  return args.length === 0 ? null : args.length === 1 ? args[0]! : { op: 'and', args };
}
