import type { FieldPath, Filter, FilterValue } from '../../model/filter/filter.ts';
import { instant } from '../../model/filter/instant.ts';
import { type Code, hiddenEntry, isTrimmed } from './hidden.ts';
import { mayBeDerived, type ObjectId, objectId } from './ids.ts';
import type { Layout, Property } from './layout.ts';
import { HIDDEN, ID_MARK } from './propertyName.ts';
import { type Filters, OPERATOR } from './wire/messages.ts';
import { and, byBoolean, byInteger, byNumber, byText, containsAny, isSet, NOTHING, not, or } from './wireFilter.ts';

type Predicate = Exclude<Filter, { op: 'and' | 'or' | 'not' | 'ids' }>;
type Order = 'eq' | 'lt' | 'lte' | 'gt' | 'gte';

const OPERATORS: Record<Order, number> = {
  eq: OPERATOR.equal,
  lt: OPERATOR.lessThan,
  lte: OPERATOR.lessThanEqual,
  gt: OPERATOR.greaterThan,
  gte: OPERATOR.greaterThanEqual,
};
/** Integers from here on are in the index as near as binary64 can be. */
const EXACT = 2 ** 53;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Dates that the index holds, in nanoseconds since 1970. */
const FIRST_DATE = BigInt(Date.UTC(1678, 0)) * 1_000_000n;
const LAST_DATE = BigInt(Date.UTC(2262, 0)) * 1_000_000n;

/** Entries of `_vdb_k` on which the exactness of the filter hangs. */
export function entriesFor(filter: Filter): string[] {
  switch (filter.op) {
    case 'and':
    case 'or':
      return filter.args.flatMap(entriesFor);
    case 'not':
      return entriesFor(filter.arg);
    case 'ids':
      return [];
    default: {
      const [key] = filter.field as [string];
      return [...codesFor(filter)].map(code => hiddenEntry(code, key));
    }
  }
}

function codesFor(filter: Predicate): Set<Code> {
  if (filter.op === 'exists' && filter.field.length === 1) return new Set();
  if (filter.field.length > 1) return new Set<Code>(['o', 'd']);
  if (filter.op === 'contains') return new Set<Code>(['s']);
  const literals = filter.op === 'in' ? filter.values : filter.op === 'exists' ? [] : [filter.value];
  const codes = new Set<Code>();
  for (const literal of literals) {
    if (typeof literal === 'boolean') codes.add('b');
    else if (typeof literal === 'number' || typeof literal === 'bigint') codes.add('n');
    else if (typeof literal === 'string') {
      codes.add('s').add('w');
      if (instant(literal) !== undefined) codes.add('d');
    } else codes.add('s').add('d');
  }
  return codes;
}

/** Turns filters into Weaviate's where those mean the same on this class. */
export class FilterCompiler {
  readonly #layout: Layout;
  readonly #present: ReadonlySet<string>;
  readonly #negates: boolean;

  /** `present`: those of `entriesFor` that some record has. `negates`: the server has the operator Not (1.33). */
  constructor(layout: Layout, present: ReadonlySet<string>, negates: boolean) {
    this.#layout = layout;
    this.#present = present;
    this.#negates = negates;
  }

  /** Null: the engine cannot say it exactly. */
  compile(filter: Filter): Filters | null {
    switch (filter.op) {
      case 'and':
      case 'or': {
        const parts = filter.args.map(arg => this.compile(arg));
        if (!parts.every(part => part !== null)) return null;
        if (parts.length === 0) return filter.op === 'or' ? NOTHING : not(NOTHING);
        return filter.op === 'and' ? and(...parts) : or(...parts);
      }
      case 'not': {
        const part = this.#negates ? this.compile(filter.arg) : null;
        return part && not(part);
      }
      case 'ids':
        return this.#ids(filter.ids);
      default:
        return this.#predicate(filter);
    }
  }

  /** An object with a derived UUID but no mark, or a mark where none belongs, is another record. */
  #ids(ids: (string | bigint)[]): Filters {
    const { marks } = this.#layout;
    const objects = ids.map(objectId);
    const told = marks && this.#negates;
    const native = objects.filter(({ mark, uuid }) => mark === undefined && !(told && mayBeDerived(uuid)));
    const doubtful = objects.filter(({ mark, uuid }) => mark === undefined && told && mayBeDerived(uuid));
    const derived = marks ? objects.filter(({ mark }) => mark !== undefined) : [];
    const any = (list: ObjectId[]): Filters =>
      containsAny(
        '_id',
        list.map(({ uuid }) => uuid),
      );
    const parts: Filters[] = [];
    if (native.length > 0) parts.push(any(native));
    if (doubtful.length > 0) parts.push(and(any(doubtful), not(byText(ID_MARK, OPERATOR.greaterThanEqual, ''))));
    if (derived.length > 0)
      parts.push(
        and(
          any(derived),
          containsAny(
            ID_MARK,
            derived.map(({ mark }) => mark!),
          ),
        ),
      );
    return parts.length === 0 ? NOTHING : or(...parts);
  }

  #predicate(filter: Predicate): Filters | null {
    const [key] = filter.field as [string];
    const property = this.#layout.fields.get(key);
    if (filter.field.length > 1) return this.#nested(filter.field, property);
    if (filter.op === 'exists') return this.#exists(key, property);
    for (const code of codesFor(filter)) if (code !== 'w' && this.#hides(code, key)) return null;
    if (property === undefined) return NOTHING;
    if (filter.op === 'contains') return this.#mayHoldText(property) ? null : NOTHING;
    if (filter.op === 'has') return property.list ? this.#compare(property, 'eq', filter.value) : NOTHING;
    if (filter.op !== 'in') return this.#compare(property, filter.op, filter.value);
    const parts = filter.values.map(value => this.#compare(property, 'eq', value));
    if (!parts.every(part => part !== null)) return null;
    const some = parts.filter(part => part !== NOTHING);
    return some.length === 0 ? NOTHING : or(...some);
  }

  #hides(code: Code, key: string): boolean {
    return this.#present.has(hiddenEntry(code, key));
  }

  /** Properties of objects are indexed by a preview feature only; scalars and lists have no members. */
  #nested(path: FieldPath, property: Property | undefined): Filters | null {
    const [key] = path as [string];
    if (this.#hides('o', key) || this.#hides('d', key)) return null;
    if (property === undefined || property.list) return NOTHING;
    return ['text', 'uuid', 'number', 'int', 'boolean'].includes(property.type) ? NOTHING : null;
  }

  #exists(key: string, property: Property | undefined): Filters | null {
    const { hidden, own } = this.#layout;
    const aside = hidden ? [containsAny(HIDDEN, [hiddenEntry('e', key)])] : [];
    if (property === undefined) return aside[0] ?? NOTHING;
    if (['blob', 'geoCoordinates', 'phoneNumber', 'object', 'reference'].includes(property.type)) return null;
    // The index takes [] for null, and vdb alone marks where it is not.
    if (!property.indexed || (property.list && !own)) return null;
    const set = this.#set(property);
    return set && or(set, ...aside);
  }

  /** '' is null to the index, but its text is there. */
  #set({ name, type, list }: Property): Filters | null {
    const nullState = this.#layout.nullState && !name.startsWith('_');
    if (type === 'text' && !list)
      return nullState
        ? or(isSet(name), byText(name, OPERATOR.equal, ''))
        : byText(name, OPERATOR.greaterThanEqual, '');
    if (nullState) return isSet(name);
    if (type === 'boolean') return or(byBoolean(name, OPERATOR.equal, true), byBoolean(name, OPERATOR.equal, false));
    if (type === 'number') return byNumber(name, OPERATOR.greaterThanEqual, -Number.MAX_VALUE);
    return null;
  }

  #mayHoldText({ type }: Property): boolean {
    return ['text', 'uuid', 'reference'].includes(type);
  }

  #compare(property: Property, op: Order, literal: FilterValue): Filters | null {
    if (typeof literal === 'boolean' && op !== 'eq') return NOTHING;
    switch (property.type) {
      case 'text':
        return this.#text(property, op, literal);
      case 'uuid':
        if (typeof literal !== 'string') return NOTHING;
        if (op !== 'eq' || !property.indexed) return null;
        return UUID.test(literal) ? byText(property.name, OPERATOR.equal, literal) : NOTHING;
      case 'number':
      case 'int':
        return this.#number(property, op, literal);
      case 'boolean':
        if (typeof literal !== 'boolean') return NOTHING;
        return property.indexed ? byBoolean(property.name, OPERATOR.equal, literal) : null;
      case 'date':
        return this.#date(property, op, literal);
      case 'reference':
        return null;
      default:
        // An object is never equal to a scalar.
        return NOTHING;
    }
  }

  /** Tokenization `field` trims values and literals; the length of what was there tells ' a' from 'a'. */
  #text({ name, key, list, indexed }: Property, op: Order, literal: FilterValue): Filters | null {
    if (typeof literal === 'object') return null;
    if (typeof literal !== 'string') return NOTHING;
    const { own, config } = this.#layout;
    const sure = own && !this.#hides('w', key);
    if (!indexed) return null;
    if (isTrimmed(literal)) return sure && op === 'eq' ? NOTHING : null;
    const native = byText(name, OPERATORS[op], literal);
    if (sure) return native;
    const measured = config.invertedIndexConfig?.indexPropertyLength === true && !name.startsWith('_');
    if (op !== 'eq' || list || !measured) return null;
    return and(native, byInteger(`len(${name})`, OPERATOR.equal, [...literal].length));
  }

  #number({ name, type, indexed }: Property, op: Order, literal: FilterValue): Filters | null {
    if (typeof literal !== 'number' && typeof literal !== 'bigint') return NOTHING;
    const value = Number(literal);
    if (!indexed || Math.abs(value) >= EXACT) return null;
    if (type === 'number') return byNumber(name, OPERATORS[op], value);
    if (Number.isInteger(value)) return byInteger(name, OPERATORS[op], value);
    if (op === 'eq') return NOTHING;
    const below = op === 'lt' || op === 'lte';
    return byInteger(
      name,
      below ? OPERATOR.lessThanEqual : OPERATOR.greaterThanEqual,
      below ? Math.floor(value) : Math.ceil(value),
    );
  }

  #date({ name, indexed }: Property, op: Order, literal: FilterValue): Filters | null {
    const text = typeof literal === 'object' ? literal.date : literal;
    const moment = typeof text === 'string' ? instant(text) : undefined;
    if (moment === undefined) return NOTHING;
    if (!indexed || moment < FIRST_DATE || moment >= LAST_DATE) return null;
    return byText(name, OPERATORS[op], rfc3339(moment));
  }
}

function rfc3339(nanoseconds: bigint): string {
  const rest = ((nanoseconds % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  const seconds = new Date(Number((nanoseconds - rest) / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds}.${String(rest).padStart(9, '0')}Z`;
}
