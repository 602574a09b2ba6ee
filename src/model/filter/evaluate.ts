import { type Id, idKey } from '../id.ts';
import { type Exact, parseExact } from '../json/exact.ts';
import { type Member, members } from '../json/members.ts';
import { comparer, dateOf } from './compare.ts';
import type { FieldPath, Filter, FilterValue } from './filter.ts';
import { instant } from './instant.ts';

type Test = (record: Fields) => boolean;
type Scalars = (value: Exact) => boolean;

const ORDER = {
  eq: (order: number) => order === 0,
  lt: (order: number) => order < 0,
  lte: (order: number) => order <= 0,
  gt: (order: number) => order > 0,
  gte: (order: number) => order >= 0,
} as const;

/** The meaning of a filter, and the oracle for every compiler: compiled once, asked per record. */
export function matcher(filter: Filter): (id: Id, metadata: string | undefined) => boolean {
  const test = compile(filter);
  return (id, metadata) => test(new Fields(id, metadata));
}

/** Evaluates the filter on one record, of which only the values that are asked for get parsed. */
class Fields {
  readonly id: Id;
  readonly #text: string | undefined;
  #members: Member[] | undefined;
  readonly #values = new Map<string, Exact | undefined>();

  constructor(id: Id, text: string | undefined) {
    this.id = id;
    this.#text = text;
  }

  at(path: FieldPath): Exact | undefined {
    let value = this.#top(path[0]!);
    for (let i = 1; i < path.length; i++) value = value instanceof Map ? value.get(path[i]!) : undefined;
    return value;
  }

  #top(key: string): Exact | undefined {
    if (this.#text === undefined) return undefined;
    if (this.#values.has(key)) return this.#values.get(key);
    this.#members ??= members(this.#text);
    const member = this.#members.find(candidate => candidate.key === key);
    const value = member && parseExact(this.#text.slice(member.start, member.end));
    this.#values.set(key, value);
    return value;
  }
}

function compile(filter: Filter): Test {
  switch (filter.op) {
    case 'and': {
      const tests = filter.args.map(compile);
      return record => tests.every(test => test(record));
    }
    case 'or': {
      const tests = filter.args.map(compile);
      return record => tests.some(test => test(record));
    }
    case 'not': {
      const test = compile(filter.arg);
      return record => !test(record);
    }
    case 'ids': {
      const keys = new Set(filter.ids.map(idKey));
      return record => keys.has(idKey(record.id));
    }
    case 'exists':
      return record => (record.at(filter.field) ?? null) !== null;
    case 'has': {
      const equal = oneOf([filter.value]);
      return record => {
        const value = record.at(filter.field);
        return Array.isArray(value) && value.some(equal);
      };
    }
    case 'in':
      return anyScalar(filter.field, oneOf(filter.values));
    case 'contains':
      return anyScalar(filter.field, value => typeof value === 'string' && value.includes(filter.value));
    default: {
      const compare = comparer(filter.value);
      // True and false have no order.
      const ordered = filter.op === 'eq' || typeof filter.value !== 'boolean';
      const accepts = ORDER[filter.op];
      return anyScalar(filter.field, value => {
        const order = compare(value);
        return ordered && order !== undefined && accepts(order);
      });
    }
  }
}

function anyScalar(field: FieldPath, test: Scalars): Test {
  return record => {
    const value = record.at(field);
    if (value === undefined) return false;
    return Array.isArray(value) ? value.some(test) : test(value);
  };
}

/** Equality with any of many literals in constant time. */
function oneOf(literals: FilterValue[]): Scalars {
  const scalars = new Set<string | boolean | bigint | number>();
  /** Instants that a date equals, and those that text equals by instant as well. */
  const dates = new Set<bigint>();
  const textDates = new Set<bigint>();
  for (const literal of literals) {
    const moment =
      typeof literal === 'object' ? instant(literal.date) : typeof literal === 'string' ? instant(literal) : undefined;
    if (moment !== undefined) dates.add(moment);
    if (typeof literal !== 'object') scalars.add(typeof literal === 'number' ? wholeAsInteger(literal) : literal);
    else if (moment !== undefined) textDates.add(moment);
  }
  return value => {
    if (value === null) return false;
    if (typeof value === 'number') return scalars.has(wholeAsInteger(value));
    if (typeof value === 'object') return dates.size > 0 && dates.has(dateOf(value) ?? NONE);
    if (scalars.has(value)) return true;
    return textDates.size > 0 && typeof value === 'string' && textDates.has(instant(value) ?? NONE);
  };
}

/** Beyond any instant that a four-digit year can name. */
const NONE = 2n ** 80n;

function wholeAsInteger(value: number): bigint | number {
  return Number.isInteger(value) ? BigInt(value) : value;
}
