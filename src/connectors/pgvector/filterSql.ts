import type { FieldPath, Filter, FilterValue } from '../../model/filter/filter.ts';
import { instant } from '../../model/filter/instant.ts';
import { topLevelSql } from './fieldSql.ts';
import { idsSql } from './ids.ts';
import { instantSql } from './instantSql.ts';
import type { Layout } from './layout.ts';
import { literal, literalArray } from './quote.ts';
import { plainDecimal, RESERVED, withoutNul } from './storedMetadata.ts';

const SIGNS = { eq: '=', lt: '<', lte: '<=', gt: '>', gte: '>=' } as const;
const PATH_SIGNS = { eq: '==', lt: '<', lte: '<=', gt: '>', gte: '>=' } as const;

/**
 * A filter as an SQL condition that is never NULL. Values stand in it as quoted constants, because COPY takes no parameters.
 * Strings compare by code point in jsonpath (UTF-8 bytes), numbers as numeric, exactly.
 */
export function filterSql(layout: Layout, filter: Filter): string {
  switch (filter.op) {
    case 'and':
    case 'or':
      if (filter.args.length === 0) return filter.op === 'and' ? 'true' : 'false';
      return `(${filter.args.map(arg => filterSql(layout, arg)).join(` ${filter.op} `)})`;
    case 'not':
      return `(not ${filterSql(layout, filter.arg)})`;
    case 'ids':
      return idsSql(layout, filter.ids);
    default:
      return `coalesce(${predicate(valueAt(layout, filter.field), filter)}, false)`;
  }
}

type Predicate = Exclude<Filter, { op: 'and' | 'or' | 'not' | 'ids' }>;

/** `->` with a text key takes members of objects only, as paths do in the filter language. */
function valueAt(layout: Layout, path: FieldPath): string {
  const [top, ...rest] = path.map(withoutNul);
  if (RESERVED.includes(top!)) return 'null::jsonb';
  return [topLevelSql(layout, top!), ...rest.map(literal)].join(' -> ');
}

function predicate(value: string, filter: Predicate): string {
  switch (filter.op) {
    case 'exists':
      return `jsonb_typeof(${value}) <> 'null'`;
    case 'eq':
      return equalsAny(value, [filter.value], false);
    case 'in':
      return equalsAny(value, filter.values, false);
    case 'has':
      return equalsAny(value, [filter.value], true);
    case 'contains':
      return anyElement(
        value,
        `jsonb_typeof(e.v) = 'string' and strpos(e.v #>> '{}', ${literal(withoutNul(filter.value))}) > 0`,
      );
    default:
      return ordered(value, filter.op, filter.value);
  }
}

/** Some element of an array, or the scalar itself, meets the condition on `e.v`. */
function anyElement(value: string, condition: string, arraysOnly = false): string {
  const alone = arraysOnly ? `'[]'` : 'jsonb_build_array(f.v)';
  return `(select exists (select 1 from jsonb_array_elements(case when jsonb_typeof(f.v) = 'array' then f.v else ${alone} end)
    e(v) where ${condition}) from (values (${value})) f(v))`;
}

/** jsonb equality is the language's: by type, and numbers by value. Dates are equal by instant besides. */
function equalsAny(value: string, literals: FilterValue[], arraysOnly: boolean): string {
  const scalars: string[] = [];
  /** Instants that a `$date` equals, and those that text equals as well. */
  const dates: bigint[] = [];
  const textDates: bigint[] = [];
  for (const each of literals) {
    const moment = typeof each === 'object' ? instant(each.date) : typeof each === 'string' ? instant(each) : undefined;
    if (moment !== undefined) dates.push(moment);
    if (typeof each === 'object') textDates.push(...(moment === undefined ? [] : [moment]));
    else if (typeof each !== 'string' || each.isWellFormed()) scalars.push(asJson(each));
  }
  const set = scalars.length === 0 ? null : `${literalArray(scalars)}::jsonb[]`;
  if (dates.length === 0) {
    if (set === null) return 'false';
    // An array is never equal to a scalar, so the first half needs no look at the type.
    const inArray = anyElement(value, `e.v = any(${set})`, true);
    return arraysOnly ? inArray : `(coalesce(${value} = any(${set}), false) or ${inArray})`;
  }
  const parts = [`${dateOf('e.v')} = any(array[${dates.join(',')}]::numeric[])`];
  if (set !== null) parts.push(`e.v = any(${set})`);
  if (textDates.length > 0) parts.push(`${textInstant('e.v')} = any(array[${textDates.join(',')}]::numeric[])`);
  return anyElement(value, parts.map(part => `coalesce(${part}, false)`).join(' or '), arraysOnly);
}

function ordered(value: string, op: 'lt' | 'lte' | 'gt' | 'gte', literalValue: FilterValue): string {
  if (typeof literalValue === 'boolean') return 'false';
  if (typeof literalValue === 'object') {
    const moment = instant(literalValue.date);
    if (moment === undefined) return 'false';
    return anyElement(value, `coalesce(${dateOf('e.v')}, ${textInstant('e.v')}) ${SIGNS[op]} ${moment}::numeric`);
  }
  // Strict, as in lax mode a filter looks into an array within the array.
  const condition = `? (@ ${PATH_SIGNS[op]} $x)`;
  const path = `case when jsonb_typeof(${value}) = 'array' then 'strict $[*] ${condition}' else 'strict $ ${condition}' end`;
  const native = `jsonb_path_exists(${value}, (${path})::jsonpath, ${literal(`{"x":${asJson(literalValue)}}`)}, true)`;
  const moment = typeof literalValue === 'string' ? instant(literalValue) : undefined;
  if (moment === undefined) return native;
  return `(coalesce(${native}, false) or ${anyElement(value, `${dateOf('e.v')} ${SIGNS[op]} ${moment}::numeric`)})`;
}

/** The instant of `{"$date":"…"}`, which has no other member. */
function dateOf(value: string): string {
  return instantSql(`case when jsonb_typeof(${value} -> '$date') = 'string'
    and ${value} = jsonb_build_object('$date', ${value} -> '$date') then ${value} ->> '$date' end`);
}

function textInstant(value: string): string {
  return instantSql(`case when jsonb_typeof(${value}) = 'string' then ${value} #>> '{}' end`);
}

function asJson(value: string | bigint | number | boolean): string {
  if (typeof value === 'number') return plainDecimal(value);
  if (typeof value === 'string') return JSON.stringify(withoutNul(value.toWellFormed()));
  return String(value);
}
