import { VdbError } from '../errors.ts';
import { Keys, MAX_DEPTH, Scanner } from './scanner.ts';

/**
 * JSON that keeps what JSON.parse loses. A number token with `.`, `e` or `E` is a binary64 float (a number here);
 * any other is an integer in -2^63 … 2^64-1 (a bigint). So 1 and 1.0 differ and -0.0 is a value.
 * Objects are Maps: any key is a key, `__proto__` and '' included.
 */
export type Exact = null | boolean | string | bigint | number | Exact[] | Map<string, Exact>;

const LONE_SURROGATE = /\p{Cs}/u;
const scanner = new Scanner();

/**
 * Throws VdbError `invalid` (reasons syntax, integer_range, duplicate_key, not_finite); depth at most 64; lone surrogates
 * refused.
 */
export function parseExact(text: string): Exact {
  scanner.load(text);
  const value = parseValue(0);
  scanner.finish();
  return value;
}

function parseValue(depth: number): Exact {
  const c = scanner.peek();
  if (c === 34) {
    scanner.string();
    return scanner.value();
  }
  if (c === 123) {
    const map = new Map<string, Exact>();
    if (scanner.open(123, depth)) {
      const keys = new Keys();
      do {
        const key = scanner.key(keys);
        map.set(key, parseValue(depth + 1));
      } while (scanner.more(125));
    }
    return map;
  }
  if (c === 91) {
    const list: Exact[] = [];
    if (scanner.open(91, depth)) {
      do list.push(parseValue(depth + 1));
      while (scanner.more(93));
    }
    return list;
  }
  if (c === 45 || (c >= 48 && c <= 57)) {
    return scanner.number() === 'integer' ? BigInt(scanner.token()) : Number(scanner.token());
  }
  const word = scanner.literal();
  return word === 'null' ? null : word === 'true';
}

/**
 * Text that parses back to an equal value: floats always hold `.`, `e` or `E`, -0 is `-0.0`. Throws VdbError `invalid`
 * for a value that no text can be: NaN, infinities, integers out of range, lone surrogates, depth over 64.
 */
export function printExact(value: Exact): string {
  return printValue(value, 0);
}

function printValue(value: Exact, depth: number): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'string') return printString(value);
  if (typeof value === 'bigint') return printInteger(value);
  if (typeof value === 'number') return printFloat(value);
  if (depth >= MAX_DEPTH) throw new VdbError('invalid', `a value is nested deeper than ${MAX_DEPTH}`);
  if (Array.isArray(value)) return `[${value.map(item => printValue(item, depth + 1)).join(',')}]`;
  const entries = [...value].map(([key, item]) => `${printString(key)}:${printValue(item, depth + 1)}`);
  return `{${entries.join(',')}}`;
}

function printString(value: string): string {
  if (LONE_SURROGATE.test(value)) throw new VdbError('invalid', 'a string holds half a surrogate pair');
  return JSON.stringify(value);
}

function printInteger(value: bigint): string {
  if (value < -(2n ** 63n) || value >= 2n ** 64n)
    throw new VdbError('invalid', `the integer ${value} is outside of -2^63 to 2^64-1`, { reason: 'integer_range' });
  return value.toString();
}

/** A binary64 float as JSON text that is a float token. */
export function printFloat(value: number): string {
  if (!Number.isFinite(value)) throw new VdbError('invalid', `${value} is not a JSON number`, { reason: 'not_finite' });
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}
