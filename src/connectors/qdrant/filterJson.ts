import { VdbError } from '../../model/errors.ts';
import type { Filter, FilterValue } from '../../model/filter/filter.ts';
import { instant } from '../../model/filter/instant.ts';
import type { Id } from '../../model/id.ts';
import { mayBeDerived, pointId } from './ids.ts';
import { pathText } from './jsonPath.ts';
import type { Layout } from './layout.ts';
import { MARK, RESERVED } from './payload.ts';
import { readableFloats } from './readableFloats.ts';

/*
 * What a condition means was read in the source of Qdrant 1.18 (segment/src/payload_storage/condition_checker.rs and
 * query_checker.rs, common/utils.rs), and is recorded as far as test/doubles/qdrant/recorded goes:
 * - `match` holds for a value or for any element of an array, one level deep, of the same JSON type; an integer matches
 *   integer tokens within int64 only. `range` compares as doubles, 1 and 1.0 alike.
 * - without a text index `match.text` is a case-sensitive substring.
 * - `is_empty` is missing, null or []; `values_count` of [] and null is 0, and it is false where the key is missing.
 * - a payload index declares a type: an integer index sees no floats, a text index makes `match.text` a search for words.
 * What cannot be said exactly is no condition: order of strings, dates, doubles near 2^53, keys with quotes.
 */

/** Below it all integers are doubles. */
const EXACT = 2 ** 53;
/** No integer of a payload is beyond these. */
const [LEAST, MOST] = [-(2 ** 63), 2 ** 64];
const ALL_FALSE = `{"must":[{"is_empty":{"key":"${MARK}"}}],"must_not":[{"is_empty":{"key":"${MARK}"}}]}`;

/** The filter as the interface reads it, never empty, as an empty one would mean every point. Throws `unsupported`. */
export function filterJson(layout: Layout, filter: Filter): string {
  const text = condition(layout, filter);
  if (text !== undefined) return `{"must":[${text}]}`;
  throw new VdbError('unsupported', `Qdrant cannot evaluate the filter on '${layout.name}' exactly`, {
    reason: 'filter',
    outcome: 'not_applied',
  });
}

/** One condition; undefined when Qdrant has none of exactly that meaning. */
export function condition(layout: Layout, filter: Filter): string | undefined {
  switch (filter.op) {
    case 'and':
    case 'or': {
      const parts = filter.args.map(arg => condition(layout, arg));
      if (parts.includes(undefined)) return undefined;
      if (parts.length === 0) return filter.op === 'or' ? ALL_FALSE : negation(ALL_FALSE);
      return `{"${filter.op === 'and' ? 'must' : 'should'}":[${parts.join(',')}]}`;
    }
    case 'not': {
      const part = condition(layout, filter.arg);
      return part === undefined ? undefined : negation(part);
    }
    case 'ids':
      return idsCondition(filter.ids);
    default:
      return onField(layout, filter);
  }
}

type Predicate = Exclude<Filter, { op: 'and' | 'or' | 'not' | 'ids' }>;

function onField(layout: Layout, filter: Predicate): string | undefined {
  const [top] = filter.field;
  if (RESERVED.includes(top!)) return ALL_FALSE;
  // Under that key stands the document, or metadata.
  if (top === layout.documentKey) return undefined;
  const path = pathText(filter.field);
  if (path === undefined) return undefined;
  const key = JSON.stringify(path);
  const index = layout.indexes.get(JSON.stringify(filter.field));
  switch (filter.op) {
    case 'exists':
      return exists(key);
    case 'eq':
      return equals(key, filter.value, index);
    case 'in':
      return anyOf(filter.values.map(value => equals(key, value, index)));
    case 'has': {
      const equal = equals(key, filter.value, index);
      // Elements there are only of an array.
      return equal && `{"must":[${equal}],"must_not":[{"is_empty":{"key":${JSON.stringify(`${path}[]`)}}}]}`;
    }
    case 'contains':
      return index === 'text' ? undefined : `{"key":${key},"match":{"text":${JSON.stringify(filter.value)}}}`;
    default:
      return ordered(key, filter.op, filter.value, index);
  }
}

function exists(key: string): string {
  const emptyArray = `{"must":[{"key":${key},"values_count":{"lt":1}}],"must_not":[{"is_null":{"key":${key}}}]}`;
  return `{"should":[${negation(`{"is_empty":{"key":${key}}}`)},${emptyArray}]}`;
}

function equals(key: string, value: FilterValue, index: string | undefined): string | undefined {
  if (typeof value === 'boolean') return `{"key":${key},"match":{"value":${value}}}`;
  if (typeof value === 'string') {
    // Text that names an instant equals the {"$date"} of that instant too.
    if (!value.isWellFormed() || instant(value) !== undefined) return undefined;
    return `{"key":${key},"match":{"value":${JSON.stringify(value)}}}`;
  }
  if (typeof value === 'object') return undefined;
  const isWhole = typeof value === 'bigint' || Number.isInteger(value);
  if (index === 'integer') return isWhole ? integerMatch(key, BigInt(value)) : ALL_FALSE;
  if (comparable(value)) return range(key, `"gte":${number(value)},"lte":${number(value)}`);
  // An integer that is no double equals no float.
  const isDouble = typeof value === 'number' || BigInt(Number(value)) === value;
  return isDouble ? undefined : integerMatch(key, value);
}

function integerMatch(key: string, value: bigint): string | undefined {
  return BigInt.asIntN(64, value) === value ? `{"key":${key},"match":{"value":${value}}}` : undefined;
}

const BOUNDS = { lt: 'lt', lte: 'lte', gt: 'gt', gte: 'gte' } as const;

function ordered(
  key: string,
  op: keyof typeof BOUNDS,
  value: FilterValue,
  index: string | undefined,
): string | undefined {
  if (typeof value === 'boolean') return ALL_FALSE;
  if (typeof value === 'string' || typeof value === 'object' || !comparable(value)) return undefined;
  if (index === 'integer' && typeof value === 'number' && !Number.isInteger(value)) {
    // The index cuts its bounds to integers.
    return op[0] === 'l' ? range(key, `"lte":${Math.floor(value)}`) : range(key, `"gte":${Math.ceil(value)}`);
  }
  return range(key, `"${BOUNDS[op]}":${number(value)}`);
}

/** Comparing doubles gives what comparing the exact values would, whatever number stands in the payload. */
function comparable(value: bigint | number): boolean {
  const near = Number(value);
  return Math.abs(near) < EXACT || (typeof value === 'number' && (near < LEAST || near > MOST));
}

function range(key: string, bounds: string): string {
  return `{"key":${key},"range":{${bounds}}}`;
}

function number(value: bigint | number): string {
  // -0 is 0.
  return Number(value) === 0 ? '0' : readableFloats(String(value)).text;
}

function anyOf(parts: (string | undefined)[]): string | undefined {
  return parts.includes(undefined) ? undefined : `{"should":[${parts.join(',')}]}`;
}

function negation(part: string): string {
  return `{"must_not":[${part}]}`;
}

/** The points of these ids. Not the one that an id of another record is derived to, should its UUID be given. */
export function idsCondition(ids: Id[]): string {
  const points = ids.map(pointId);
  const unsure = points.filter(mayBeDerived);
  const sure = points.filter(point => !mayBeDerived(point));
  const parts: string[] = [];
  if (sure.length > 0) parts.push(hasId(sure));
  if (unsure.length > 0) parts.push(`{"must":[${hasId(unsure)},{"is_empty":{"key":"${MARK}"}}]}`);
  if (parts.length === 1) return parts[0]!;
  return parts.length === 0 ? ALL_FALSE : `{"should":[${parts.join(',')}]}`;
}

function hasId(points: { json: string }[]): string {
  return `{"has_id":[${points.map(({ json }) => json).join(',')}]}`;
}
