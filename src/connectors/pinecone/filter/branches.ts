import type { Filter } from '../../../model/filter/filter.ts';
import { type Id, idKey } from '../../../model/id.ts';
import { type Compiled, compile } from './compile.ts';

/** One part of a filter that is the union of such: records with these ids, or all but some, that match the rest. */
export interface Branch {
  /** Absent: any id. */
  ids?: Id[];
  excluded: Id[];
  where: Compiled;
}

/** More are not worth the requests. */
const MOST_BRANCHES = 16;

/**
 * A filter as a union of branches, because Pinecone's filters do not know ids: those are fetched, or left out of the hits.
 * Null when Pinecone cannot evaluate it.
 */
export function branchesOf(filter: Filter, documentField: string): Branch[] | null {
  return split(filter, false, documentField);
}

function split(filter: Filter, negated: boolean, documentField: string): Branch[] | null {
  if (filter.op === 'not') return split(filter.arg, !negated, documentField);
  if (filter.op === 'ids') {
    const where: Compiled = { filter: true, keys: new Set() };
    return [negated ? { excluded: filter.ids, where } : { ids: filter.ids, excluded: [], where }];
  }
  if ((filter.op === 'and' || filter.op === 'or') && holdsIds(filter)) {
    const parts = filter.args.map(arg => split(arg, negated, documentField));
    if (parts.includes(null)) return null;
    const lists = parts as Branch[][];
    const branches =
      (filter.op === 'and') !== negated
        ? lists.reduce((all, list) => all.flatMap(one => list.map(other => both(one, other))))
        : lists.flat();
    return branches.length > MOST_BRANCHES ? null : branches;
  }
  const where = compile(negated ? { op: 'not', arg: filter } : filter, documentField);
  return where === null ? null : [{ excluded: [], where }];
}

function holdsIds(filter: Filter): boolean {
  if (filter.op === 'ids') return true;
  if (filter.op === 'not') return holdsIds(filter.arg);
  return (filter.op === 'and' || filter.op === 'or') && filter.args.some(holdsIds);
}

function both(one: Branch, other: Branch): Branch {
  const where: Compiled = {
    filter: conjunction(one.where.filter, other.where.filter),
    keys: new Set([...one.where.keys, ...other.where.keys]),
  };
  const excluded = [...one.excluded, ...other.excluded];
  if (!one.ids && !other.ids) return { excluded, where };
  const keys = other.ids && new Set(other.ids.map(idKey));
  const left = new Set(excluded.map(idKey));
  const ids = (one.ids ?? other.ids!).filter(id => (!one.ids || !keys || keys.has(idKey(id))) && !left.has(idKey(id)));
  return { ids, excluded: [], where };
}

function conjunction(a: Compiled['filter'], b: Compiled['filter']): Compiled['filter'] {
  if (a === true) return b;
  if (b === true || a === false) return a;
  return b === false ? false : { $and: [a, b] };
}
