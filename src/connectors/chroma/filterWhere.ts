import type { Filter, FilterValue } from '../../model/filter/filter.ts';
import type { Id } from '../../model/id.ts';
import { numberContained, numberEquals, numberOrder } from './numberWhere.ts';
import { isNativeKey, isReserved, NOTES, nearness } from './storedMetadata.ts';
import { allOf, anyOf, leaf, negation, size, type Where } from './where.ts';

/*
 * What `where` says exactly, provided that no record of the collection has its value of a field in `_vdb_x` alone (see
 * `hiding`): equality with any element, `has`, order of single numbers, and their complements as far as the server has them. It has
 * no `exists` and no order of strings. Arrays of numbers that *other* programs wrote are not seen by <, <=, > and >=.
 */

/** The largest expression that is sent; SQLite's limit is a depth of 1,000, of which one condition takes up to three. */
const CONDITIONS = 300;
const VALUES = 10_000;
/** Literals whose neighbours are looked for one by one. */
const LOOKED_AT = 50;

/** The filters that an AND joins, with NOT pushed through OR. */
export function conjuncts(filter: Filter): Filter[] {
  if (filter.op === 'and') return filter.args.flatMap(conjuncts);
  if (filter.op !== 'not') return [filter];
  const { arg } = filter;
  if (arg.op === 'not') return conjuncts(arg.arg);
  if (arg.op === 'or') return arg.args.flatMap(each => conjuncts({ op: 'not', arg: each }));
  return [filter];
}

/** The filter as a condition; null when the server has none that means the same. */
export function whereOf(filter: Filter): Where | null {
  const where = compile(filter);
  return where !== null && size(where) > CONDITIONS ? null : where;
}

function compile(filter: Filter): Where | null {
  switch (filter.op) {
    case 'and':
    case 'or': {
      const args = filter.args.map(compile);
      if (args.includes(null)) return null;
      return filter.op === 'and' ? allOf(args as Where[]) : anyOf(args as Where[]);
    }
    case 'not': {
      const where = compile(filter.arg);
      return where === null ? null : negation(where);
    }
    case 'ids':
      return null;
    default:
      return predicate(filter);
  }
}

type Predicate = Exclude<Filter, { op: 'and' | 'or' | 'not' | 'ids' }>;

function predicate(filter: Predicate): Where | null {
  const [key, ...rest] = filter.field as [string];
  // What is nested, or under a key that the server refuses, is in `_vdb_x`; where that holds none, it is nowhere.
  if (isReserved(key) || rest.length > 0) return false;
  if (filter.op === 'exists' || filter.op === 'contains') return null;
  if (!isNativeKey(key)) return false;
  switch (filter.op) {
    case 'eq':
      return equalsOne(key, [filter.value]);
    case 'in':
      return equalsOne(key, filter.values);
    case 'has':
      return contains(key, filter.value);
    default:
      return typeof filter.value === 'bigint' || typeof filter.value === 'number'
        ? numberOrder(key, filter.op, filter.value)
        : filter.value === true || filter.value === false
          ? false
          : null;
  }
}

/** The value, or an element of it, is one of these. */
function equalsOne(key: string, values: FilterValue[]): Where | null {
  if (values.length > VALUES) return null;
  const texts: string[] = [];
  const found: (Where | null)[] = [];
  for (const value of values) {
    found.push(contains(key, value));
    if (typeof value === 'string') {
      if (value.isWellFormed()) texts.push(JSON.stringify(value));
    } else if (typeof value === 'boolean') found.push(leaf(key, '$eq', String(value)));
    else if (typeof value === 'object') return null;
    else found.push(numberEquals(key, value));
  }
  if (texts.length === 1) found.unshift(leaf(key, '$eq', texts[0]!));
  if (texts.length > 1) found.unshift(leaf(key, '$in', `[${texts.join(',')}]`));
  return found.includes(null) ? null : anyOf(found as Where[]);
}

function contains(key: string, value: FilterValue): Where | null {
  if (typeof value === 'object') return null;
  if (typeof value === 'bigint' || typeof value === 'number') return numberContained(key, value);
  if (typeof value === 'string' && !value.isWellFormed()) return false;
  return leaf(key, '$contains', JSON.stringify(value));
}

/** What the records match for which `whereOf` says too little; false when there can be none. */
export function hiding(filter: Filter): Where {
  switch (filter.op) {
    case 'and':
    case 'or':
      return anyOf(filter.args.map(hiding));
    case 'not':
      return hiding(filter.arg);
    case 'ids':
      return false;
    default: {
      const [key] = filter.field as [string];
      if (isReserved(key)) return false;
      const ordered = filter.op === 'lt' || filter.op === 'lte' || filter.op === 'gt' || filter.op === 'gte';
      const values = filter.op === 'in' ? filter.values : 'value' in filter ? [filter.value] : [];
      return anyOf([
        noted(NOTES.hidden + key),
        ordered && noted(NOTES.array + key),
        ...(isNativeKey(key) ? beside(key, values) : []),
      ]);
    }
  }
}

function noted(note: string): Where {
  return leaf(note, '$eq', 'true');
}

/** Floats that are stored as their neighbours, and so near to a literal that it matters. */
function beside(key: string, values: FilterValue[]): Where[] {
  const numbers = values.filter(value => typeof value === 'number' || typeof value === 'bigint').map(Number);
  if (numbers.length === 0) return [];
  const near = noted(NOTES.near + key);
  if (numbers.length > LOOKED_AT) return [near];
  return numbers.map(value => {
    const margin = 2 * nearness(value);
    const [low, high] = [value - margin, value + margin];
    if (!Number.isFinite(low) || !Number.isFinite(high)) return near;
    return allOf([near, leaf(key, '$gte', low.toExponential()), leaf(key, '$lte', high.toExponential())]);
  });
}

/** The ids that an `ids` conjunct names; undefined when there is none. */
export function idsIn(parts: Filter[]): Id[] | undefined {
  const lists = parts.filter(part => part.op === 'ids').map(part => part.ids);
  if (lists.length === 0) return undefined;
  return [...new Set(lists[0])].filter(id => lists.every(list => list.includes(id)));
}
