import type { Filter, FilterValue } from '../../model/filter/filter.ts';
import { instant } from '../../model/filter/instant.ts';
import { idsCondition } from './ids.ts';
import { ISO, instantCypher } from './instantCypher.ts';
import { isProperty, type Layout } from './layout.ts';
import type { Params } from './link.ts';

const SIGNS = { eq: '=', lt: '<', lte: '<=', gt: '>', gte: '>=' } as const;
type Comparison = keyof typeof SIGNS;

const MAX_INTEGER = 2n ** 63n - 1n;

/**
 * A filter as a condition on node `n` that is never null; `split` has seen to it that properties tell everything. Values
 * go into `params`: as literals 9007199254740993 and 9007199254740992.0 are equal (5.26), as parameters they are not.
 */
export function filterCypher(layout: Layout, filter: Filter, params: Params): string {
  switch (filter.op) {
    case 'and':
    case 'or':
      if (filter.args.length === 0) return add(params, filter.op === 'and');
      return `(${filter.args.map(arg => filterCypher(layout, arg, params)).join(filter.op === 'and' ? ' AND ' : ' OR ')})`;
    case 'not':
      return `(NOT ${filterCypher(layout, filter.arg, params)})`;
    case 'ids':
      return idsCondition(layout, filter.ids, params);
    default: {
      const [key] = filter.field;
      // A constant would be folded, and with it what the hint of a scan refers to.
      if (filter.field.length > 1 || !isProperty(layout, key!)) return add(params, false);
      // Keys are parameters too: the server plans a statement (tens of milliseconds) once for all that differ in these alone.
      const value = `n[${add(params, key)}]`;
      return `coalesce(${predicate(value, filter, params)}, false)`;
    }
  }
}

type Predicate = Exclude<Filter, { op: 'and' | 'or' | 'not' | 'ids' }>;

function predicate(value: string, filter: Predicate, params: Params): string {
  switch (filter.op) {
    case 'exists':
      return `${value} IS NOT NULL`;
    case 'contains':
      return anyElement(value, `e IS :: STRING NOT NULL AND e CONTAINS ${add(params, filter.value)}`);
    case 'has':
      return `(${value} IS :: LIST<ANY> NOT NULL AND any(e IN ${value} WHERE ${equalsAny([filter.value], params)}))`;
    case 'in':
      return anyElement(value, equalsAny(filter.values, params));
    case 'eq':
      return anyElement(value, equalsAny([filter.value], params));
    default:
      return anyElement(value, ordered(filter.op, filter.value, params));
  }
}

/** Some element of a list, or the scalar itself, meets the condition on `e`. */
function anyElement(value: string, condition: string): string {
  return `any(e IN CASE WHEN ${value} IS :: LIST<ANY> THEN ${value} ELSE [${value}] END WHERE ${condition})`;
}

/** Equality is by type, and of numbers by value. A date is equal by instant to another, and to text. */
function equalsAny(literals: FilterValue[], params: Params): string {
  const values: unknown[] = [];
  const parts: string[] = [];
  for (const literal of literals) {
    const moment = momentOf(literal);
    if (moment !== undefined) {
      parts.push(compareInstant('eq', moment, typeof literal === 'object' ? add(params, ISO) : null, params));
    }
    if (typeof literal === 'object') continue;
    if (typeof literal !== 'bigint' && typeof literal !== 'number') values.push(literal);
    // 2^63 as a float and 2^63-1 as an integer are equal here (5.26), as nothing else that is not.
    else if (BigInt(MAX_INTEGER) === literal) parts.push(`e = ${add(params, literal)} AND e IS :: INTEGER NOT NULL`);
    else if (Number(MAX_INTEGER) === literal) parts.push(`e = ${add(params, literal)} AND e IS :: FLOAT NOT NULL`);
    else if (typeof literal === 'number' || literal < MAX_INTEGER) values.push(literal);
    else if (BigInt(Number(literal)) === literal)
      parts.push(`e = ${add(params, Number(literal))} AND e IS :: FLOAT NOT NULL`);
  }
  if (values.length > 0) parts.push(`e IN ${add(params, values)}`);
  return parts.length === 0 ? add(params, false) : parts.map(part => `coalesce(${part}, false)`).join(' OR ');
}

function ordered(op: Exclude<Comparison, 'eq'>, literal: FilterValue, params: Params): string {
  if (typeof literal === 'boolean') return add(params, false);
  const moment = momentOf(literal);
  if (typeof literal === 'object') {
    return moment === undefined ? add(params, false) : compareInstant(op, moment, add(params, ISO), params);
  }
  const native = orderedNative(op, literal, params);
  return moment === undefined ? native : `coalesce(${native}, false) OR ${compareInstant(op, moment, null, params)}`;
}

function orderedNative(op: Exclude<Comparison, 'eq'>, literal: string | number | bigint, params: Params): string {
  // The integer 0 is above -0.0 here, and -0.0 below 0.0, although all three are equal (5.26).
  if (literal === 0 || literal === 0n) {
    const zero = add(params, literal);
    return op === 'lt' || op === 'gt'
      ? `e ${SIGNS[op]} ${zero} AND e <> ${zero}`
      : `e ${SIGNS[op]} ${zero} OR e = ${zero}`;
  }
  return typeof literal === 'bigint' ? orderedInteger(op, literal, params) : `e ${SIGNS[op]} ${add(params, literal)}`;
}

/** Integers beyond 64 bits with sign have no value here but floats on both sides of them. */
function orderedInteger(op: Exclude<Comparison, 'eq'>, literal: bigint, params: Params): string {
  if (literal <= MAX_INTEGER) return `e ${SIGNS[op]} ${add(params, literal)}`;
  const near = Number(literal);
  if (BigInt(near) === literal) return `e ${SIGNS[op]} ${add(params, near)}`;
  const below = BigInt(near) < literal;
  return op === 'lt' || op === 'lte'
    ? `e ${below ? '<=' : '<'} ${add(params, near)}`
    : `e ${below ? '>' : '>='} ${add(params, near)}`;
}

function momentOf(literal: FilterValue): bigint | undefined {
  if (typeof literal === 'object') return instant(literal.date);
  return typeof literal === 'string' ? instant(literal) : undefined;
}

function compareInstant(op: Comparison, moment: bigint, iso: string | null, params: Params): string {
  const nanos = ((moment % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const seconds = add(params, (moment - nanos) / 1_000_000_000n);
  const rest = `t[0] = ${seconds} AND t[1] ${SIGNS[op]} ${add(params, nanos)}`;
  const condition = op === 'eq' ? rest : `t[0] ${SIGNS[op][0]} ${seconds} OR (${rest})`;
  return `any(t IN [${instantCypher('e', iso)}] WHERE ${condition})`;
}

function add(params: Params, value: unknown): string {
  const name = `p${Object.keys(params).length}`;
  params[name] = value;
  return `$${name}`;
}
