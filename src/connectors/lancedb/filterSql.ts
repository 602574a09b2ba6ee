import type { SplitFilter } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import type { Filter, FilterValue } from '../../model/filter/filter.ts';
import { arrow } from './arrow.ts';
import { equals, type Order, ordered } from './comparison.ts';
import type { Field } from './field.ts';
import { idsCondition } from './ids.ts';
import type { Layout } from './layout.ts';
import { mayHold } from './sidecar.ts';
import { certain, column, text } from './sql.ts';

/** Of a conjunction, what Lance can evaluate on this table and what it cannot; any other filter is one or the other. */
export function splitFilter(layout: Layout, filter: Filter): SplitFilter {
  const parts = filter.op === 'and' ? filter.args : [filter];
  const native = parts.filter(part => compile(layout, part) !== null);
  return { native: joined(native), residual: joined(parts.filter(part => !native.includes(part))) };
}

function joined(args: Filter[]): Filter | null {
  return args.length === 0 ? null : args.length === 1 ? args[0]! : { op: 'and', args };
}

/** The filter as a two-valued condition. Throws `unsupported` when part of it is not native (the table changed since `splitFilter`). */
export function filterSql(layout: Layout, filter: Filter): string {
  const sql = compile(layout, filter);
  if (sql !== null) return sql;
  throw new VdbError('unsupported', `table '${layout.table}' cannot evaluate the filter itself`, {
    reason: 'filter',
    outcome: 'not_applied',
    hint: 'A field of mixed or nested values is kept where Lance cannot look; filter on others, or scan.',
  });
}

/** Null: not native. */
function compile(layout: Layout, filter: Filter): string | null {
  switch (filter.op) {
    case 'and':
    case 'or': {
      const parts = filter.args.map(part => compile(layout, part));
      if (parts.includes(null)) return null;
      if (parts.length === 0) return filter.op === 'and' ? 'true' : 'false';
      return `(${parts.join(filter.op === 'and' ? ' AND ' : ' OR ')})`;
    }
    case 'not': {
      const inner = compile(layout, filter.arg);
      return inner === null ? null : `(NOT ${inner})`;
    }
    case 'ids':
      return idsCondition(layout, filter.ids) ?? 'false';
    default:
      return predicate(layout, filter);
  }
}

type Predicate = Exclude<Filter, { op: 'and' | 'or' | 'not' | 'ids' }>;

function predicate(layout: Layout, filter: Predicate): string | null {
  const [key] = filter.field as [string];
  const field = layout.fields.get(key);
  if (mayHold(layout.sidecar, key, field !== undefined)) return null;
  if (!field) return 'false';
  if (filter.op === 'exists' && filter.field.length === 1) return present(layout, field);
  if (field.kind === 'other') return null;
  if (filter.field.length > 1) return 'false';
  switch (filter.op) {
    case 'exists':
      return present(layout, field);
    case 'has':
      return field.list ? anyOf(layout, field, [filter.value]) : 'false';
    case 'in':
      return anyOf(layout, field, filter.values);
    case 'contains':
      return field.kind === 'text' ? substring(field, filter.value) : 'false';
    case 'eq':
      return anyOf(layout, field, [filter.value]);
    default:
      return compared(layout, field, filter.op, filter.value);
  }
}

function present(layout: Layout, field: Field): string {
  const sql = `${column(field.name)} IS NOT NULL`;
  return field.list ? `(${sql})` : certain(finite(layout, field, sql));
}

/** Some scalar equals one of the values. */
function anyOf(layout: Layout, field: Field, values: FilterValue[]): string | null {
  // A date also equals text by instant, which Lance cannot parse.
  if (field.kind === 'text' && values.some(value => typeof value === 'object')) return null;
  const literals = values.flatMap(value => (typeof value === 'object' ? [] : equals(field.kind, value)));
  if (literals.length === 0) return 'false';
  if (field.list)
    return `(${literals.map(literal => certain(`array_has(${column(field.name)}, ${literal})`)).join(' OR ')})`;
  return certain(finite(layout, field, `${operand(field)} IN (${literals.join(', ')})`));
}

function compared(layout: Layout, field: Field, op: Order, value: FilterValue): string | null {
  if (typeof value === 'object') return field.kind === 'text' ? null : 'false';
  if (!field.list) {
    const sql = ordered(field.kind, operand(field), op, value);
    return sql === null ? 'false' : certain(finite(layout, field, sql));
  }
  // Lists of other programs may hold NaN, which would be the greatest.
  if (field.kind === 'float' && layout.sidecar?.adopted !== false) return null;
  // Some element is less exactly when the least one is.
  const extreme = op === 'lt' || op === 'lte' ? 'array_min' : 'array_max';
  const sql = ordered(field.kind, `${extreme}(${column(field.name)})`, op, value);
  return sql === null ? 'false' : certain(sql);
}

/** Exact: a Float32 would be compared with the literal rounded to Float32, an Int32 not at all with a larger one. */
function operand({ name, type, kind }: Field): string {
  const { DataType: types } = arrow;
  if (types.isFloat(type) && type.precision === arrow.Precision.SINGLE) return `cast(${column(name)} as double)`;
  if (kind === 'int' && types.isInt(type) && type.bitWidth < 64) return `cast(${column(name)} as bigint)`;
  return column(name);
}

/** NaN and infinities, which only other programs write, are absent to us. */
function finite(layout: Layout, field: Field, sql: string): string {
  if (field.kind !== 'float' || layout.sidecar?.adopted === false) return sql;
  const value = operand(field);
  return `(${sql}) AND ${value} <= ${Number.MAX_VALUE} AND ${value} >= -${Number.MAX_VALUE}`;
}

/** The elements are joined by a character that the needle does not hold, so a match cannot span two. */
function substring(field: Field, needle: string): string {
  if (!field.list) return certain(`contains(${column(field.name)}, ${text(needle)})`);
  let separator = 1;
  while (needle.includes(String.fromCharCode(separator))) separator++;
  const joinedText = `array_to_string(${column(field.name)}, chr(${separator}))`;
  return certain(`array_length(${column(field.name)}) > 0 AND contains(${joinedText}, ${text(needle)})`);
}
