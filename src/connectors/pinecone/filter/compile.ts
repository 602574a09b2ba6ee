import type { Filter, FilterValue } from '../../../model/filter/filter.ts';
import { isFieldName, isReserved, UNSEEN_KEY, unseenKey } from '../records/storedMetadata.ts';

/** Pinecone's filter JSON; true and false are not sent. */
export type PineconeFilter = boolean | { [key: string]: unknown };

export interface Compiled {
  filter: PineconeFilter;
  /** Exact only where no record keeps a value of these keys in its sidecar; as they stand in the list of unseen keys. */
  keys: Set<string>;
}

type Predicate = Exclude<Filter, { op: 'and' | 'or' | 'not' | 'ids' }>;

/** A list in `$in` may hold so many values. */
const MOST_VALUES = 10_000;

/**
 * A filter without ids as Pinecone's, or null when Pinecone cannot say it. Negation is pushed down to the predicates, because
 * there is no `$not`, and every negated one names the records that lack the field, because whether `$ne` and `$nin` match
 * those is not documented. Facts: API 2026-07 (operators and their types).
 */
export function compile(filter: Filter, documentField: string): Compiled | null {
  const keys = new Set<string>();
  const made = make(filter, false, { documentField, keys });
  return made === null ? null : { filter: made, keys };
}

interface Context {
  documentField: string;
  keys: Set<string>;
}

function make(filter: Filter, negated: boolean, context: Context): PineconeFilter | null {
  switch (filter.op) {
    case 'not':
      return make(filter.arg, !negated, context);
    case 'and':
    case 'or': {
      const parts = filter.args.map(arg => make(arg, negated, context));
      if (parts.includes(null)) return null;
      return (filter.op === 'and') !== negated ? every(parts as PineconeFilter[]) : some(parts as PineconeFilter[]);
    }
    case 'ids':
      return null;
    default:
      return predicate(filter, negated, context);
  }
}

function predicate(filter: Predicate, negated: boolean, { documentField, keys }: Context): PineconeFilter | null {
  const key = filter.field[0]!;
  // Native fields of ours are no metadata.
  if (isReserved(key)) return negated;
  // It is the document of some records and metadata of others. How an empty name is filtered by is not documented.
  if (key === documentField || key === '') return null;
  const seen = filter.field.length === 1 && isFieldName(key);
  if (filter.op === 'exists' && seen && !negated) {
    return some([{ [key]: { $exists: true } }, { [UNSEEN_KEY]: { $in: [unseenKey(key)] } }]);
  }
  keys.add(unseenKey(key));
  if (!seen) return negated;
  if (filter.op === 'exists') return { [key]: { $exists: false } };
  if (filter.op === 'eq') return anyOf(key, [filter.value], negated);
  if (filter.op === 'in') return anyOf(key, filter.values, negated);
  if (filter.op === 'has') {
    // Only lists of strings are native, and a string is not told from a list that holds it.
    return typeof filter.value === 'string' || typeof filter.value === 'object' ? null : negated;
  }
  if (filter.op === 'contains') return null;
  return ordered(key, filter.op, filter.value, negated);
}

/** Some scalar, or string of a list, equals one of the values. */
function anyOf(key: string, values: FilterValue[], negated: boolean): PineconeFilter | null {
  // A date equals text by instant.
  if (values.some(value => typeof value === 'object') || values.length > MOST_VALUES) return null;
  const strings = values.filter(value => typeof value === 'string' && !value.includes('\0'));
  const numbers = values.filter(value => typeof value === 'number' || typeof value === 'bigint').flatMap(exactNumber);
  // `$in` takes strings or numbers.
  const booleans = [...new Set(values.filter(value => typeof value === 'boolean'))];
  const groups = [...lists(strings), ...lists(numbers), ...booleans.map(value => [value])];
  if (negated) {
    const tests = groups.map(group => ({ [key]: group.length === 1 ? { $ne: group[0] } : { $nin: group } }));
    return tests.length === 0 ? true : some([{ [key]: { $exists: false } }, every(tests)]);
  }
  return some(groups.map(group => ({ [key]: group.length === 1 ? { $eq: group[0] } : { $in: group } })));
}

function lists<T>(values: T[]): T[][] {
  return values.length === 0 ? [] : [[...new Set(values)]];
}

const ORDER = { lt: '$lt', lte: '$lte', gt: '$gt', gte: '$gte' } as const;

function ordered(key: string, op: keyof typeof ORDER, value: FilterValue, negated: boolean): PineconeFilter | null {
  if (typeof value === 'boolean') return negated;
  // Only numbers are ordered. A record whose value is text is in the complement, but no operator names it.
  if (negated || (typeof value !== 'number' && typeof value !== 'bigint')) return null;
  const number = Number(value);
  if (typeof value === 'number' || BigInt(number) === value) return { [key]: { [ORDER[op]]: number + 0 } };
  // Between two doubles: compare with the next one above or below.
  const above = BigInt(number) > value;
  const greater = op === 'gt' || op === 'gte';
  return { [key]: { [greater ? (above ? '$gte' : '$gt') : above ? '$lt' : '$lte']: number } };
}

/** The double of exactly this value, if there is one. */
function exactNumber(value: number | bigint): number[] {
  const number = Number(value);
  return typeof value === 'number' || BigInt(number) === value ? [number + 0] : [];
}

function every(parts: PineconeFilter[]): PineconeFilter {
  if (parts.includes(false)) return false;
  const rest = parts.filter(part => part !== true);
  return rest.length === 0 ? true : rest.length === 1 ? rest[0]! : { $and: rest };
}

function some(parts: PineconeFilter[]): PineconeFilter {
  if (parts.includes(true)) return true;
  const rest = parts.filter(part => part !== false);
  return rest.length === 0 ? false : rest.length === 1 ? rest[0]! : { $or: rest };
}
