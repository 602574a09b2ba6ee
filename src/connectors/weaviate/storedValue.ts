import { instant } from '../../model/filter/instant.ts';
import type { Exact } from '../../model/json/exact.ts';
import { type Code, codesOf, isTrimmed } from './hidden.ts';
import type { Property } from './layout.ts';

/** A value as a property holds it. A list says what it holds, as each kind has its own place in a batch. */
export type Native =
  | string
  | number
  | boolean
  | { lat: number; lon: number }
  | { list: 'text'; values: string[] }
  | { list: 'number' | 'int'; values: number[] }
  | { list: 'boolean'; values: boolean[] }
  | { list: 'reference'; values: string[] }
  | { list: 'empty' };

export interface Stored {
  /** Undefined: the property has no place for it. */
  native: Native | undefined;
  /** The native value reads back as the very value; else the sidecar holds it too. */
  exact: boolean;
  codes: Set<Code>;
}

/** Whole numbers up to here are exact as binary64, and are read as integers. */
const EXACT = 2 ** 53;
/** The server holds an `int` as binary64 and takes only what fits int64 after that rounding. */
const INT = 2n ** 62n;
const NONE: Set<Code> = new Set();
const TRIMMED: Set<Code> = new Set(['w']);
const EMPTY: Set<Code> = new Set(['e']);
const BLOB: Set<Code> = new Set(['x']);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** What Go's time.Parse(RFC3339) takes and, without the last group, RFC3339Nano prints the same. */
const RFC3339 = /^(\d{4})-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/;
const PRINTED = /T\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?(Z|[+-](?!00:00)\d\d:\d\d)$/;

/** True when a number of a `number` property is read as an integer, unless all of them are floats. */
export function looksInteger(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) <= EXACT && !Object.is(value, -0);
}

/** How a property holds a value; see Layout for `floats`. */
export function storedValue(property: Property | undefined, floats: boolean, value: Exact): Stored {
  if (property === undefined || value === null) return aside(value);
  if (property.list) return storedList(property, floats, value);
  const scalar = storedScalar(property.type, floats, value);
  return scalar ?? aside(value);
}

function aside(value: Exact): Stored {
  return { native: undefined, exact: false, codes: codesOf(value) };
}

function storedScalar(type: string, floats: boolean, value: Exact): Stored | undefined {
  switch (type) {
    case 'text':
      if (typeof value !== 'string') return undefined;
      return { native: value, exact: true, codes: isTrimmed(value) ? TRIMMED : NONE };
    case 'number':
      return storedNumber(floats, value);
    case 'int':
      if (typeof value !== 'bigint' || value > INT || value < -INT) return undefined;
      return { native: Number(value), exact: BigInt(Number(value)) === value && inExact(value), codes: NONE };
    case 'boolean':
      return typeof value === 'boolean' ? { native: value, exact: true, codes: NONE } : undefined;
    case 'uuid':
      if (typeof value !== 'string' || !UUID.test(value)) return undefined;
      return { native: value, exact: true, codes: NONE };
    case 'date':
      return storedDate(value);
    case 'blob':
      return storedBytes(value);
    case 'geoCoordinates':
      return storedGeo(value);
    default:
      return undefined;
  }
}

/** Integers beyond 2^53 are there as near as can be, so that filters by smaller numbers are right. */
function storedNumber(floats: boolean, value: Exact): Stored | undefined {
  if (typeof value === 'bigint') return { native: Number(value), exact: !floats && inExact(value), codes: NONE };
  if (typeof value === 'number') return { native: value, exact: floats || !looksInteger(value), codes: NONE };
  return undefined;
}

function inExact(value: bigint): boolean {
  return value <= BigInt(EXACT) && value >= -BigInt(EXACT);
}

/** Dates are indexed as nanoseconds in an int64: 1678 to 2261. */
function storedDate(value: Exact): Stored | undefined {
  const text = member(value, '$date');
  const year = typeof text === 'string' ? RFC3339.exec(text)?.[1] : undefined;
  if (year === undefined || year < '1678' || year > '2261' || instant(text as string) === undefined) return undefined;
  return { native: text as string, exact: PRINTED.test(text as string), codes: NONE };
}

/** The server takes no empty text, and gives base64 back as it was spelled. */
function storedBytes(value: Exact): Stored | undefined {
  const text = member(value, '$bytes');
  if (typeof text !== 'string' || text === '' || Buffer.from(text, 'base64').toString('base64') !== text)
    return undefined;
  return { native: text, exact: true, codes: BLOB };
}

/** Coordinates are float32 there. */
function storedGeo(value: Exact): Stored | undefined {
  const point = member(value, '$geo');
  if (!(point instanceof Map) || point.size !== 2) return undefined;
  const [lat, lon] = [point.get('lat'), point.get('lon')].map(each => (typeof each === 'bigint' ? Number(each) : each));
  if (typeof lat !== 'number' || typeof lon !== 'number' || Math.abs(lat) > 90 || Math.abs(lon) > 180) return undefined;
  const single = [point.get('lat'), point.get('lon')].every(
    each => typeof each === 'number' && Object.is(Math.fround(each), each),
  );
  return { native: { lat, lon }, exact: single, codes: NONE };
}

function member(value: Exact, key: string): Exact | undefined {
  return value instanceof Map && value.size === 1 ? value.get(key) : undefined;
}

const BEACON = /^weaviate:\/\/localhost\/([A-Z][_0-9A-Za-z]*)\/([0-9a-f-]{36})$/;

function storedList({ type, targets }: Property, floats: boolean, value: Exact): Stored {
  if (!Array.isArray(value)) return aside(value);
  // References to nothing are no property of an answer.
  if (value.length === 0 && type !== 'object' && type !== 'reference')
    return { native: { list: 'empty' }, exact: true, codes: EMPTY };
  if (type === 'reference') {
    const known = value.every(
      item => typeof item === 'string' && targets.includes(BEACON.exec(item)?.[1] ?? '') && UUID.test(item.slice(-36)),
    );
    return known && value.length > 0
      ? { native: { list: 'reference', values: value as string[] }, exact: true, codes: NONE }
      : aside(value);
  }
  const items = value.map(item => (item === null ? undefined : storedScalar(type, floats, item)));
  if (!items.every(item => item !== undefined)) return aside(value);
  const exact = items.every(item => item.exact);
  const codes = items.some(item => item.codes.has('w')) ? TRIMMED : NONE;
  const values = items.map(item => item.native);
  if (type === 'number' || type === 'int') return { native: { list: type, values: values as number[] }, exact, codes };
  if (type === 'boolean') return { native: { list: 'boolean', values: values as boolean[] }, exact, codes };
  if (type === 'text' || type === 'uuid' || type === 'date')
    return { native: { list: 'text', values: values as string[] }, exact, codes };
  return aside(value);
}

/** The data type of a new property for a key whose first value this is; null when no type fits. */
export function typeFor(value: Exact): string | null {
  if (typeof value === 'string') return 'text';
  if (typeof value === 'boolean') return 'boolean';
  // As the server's own auto-schema does; integers are told from floats on reading.
  if (typeof value === 'number' || typeof value === 'bigint') return 'number';
  if (Array.isArray(value)) {
    const types = new Set(value.map(item => (Array.isArray(item) || item instanceof Map ? null : typeFor(item))));
    const [type] = types;
    return types.size === 1 && type ? `${type}[]` : null;
  }
  if (value === null) return null;
  if (storedDate(value)) return 'date';
  if (storedBytes(value)) return 'blob';
  return storedGeo(value) ? 'geoCoordinates' : null;
}
