import type { Exact } from '../json/exact.ts';
import type { FilterValue } from './filter.ts';
import { instant } from './instant.ts';

/** How a metadata value stands to the literal: negative, zero, positive, or undefined where the two are of unlike types. */
export type Comparer = (value: Exact) => number | undefined;

export function comparer(literal: FilterValue): Comparer {
  if (typeof literal === 'boolean') return value => (value === literal ? 0 : undefined);
  if (typeof literal === 'string') {
    const moment = instant(literal);
    return value => {
      if (typeof value === 'string') return compareStrings(value, literal);
      const date = moment === undefined ? undefined : dateOf(value);
      return date === undefined ? undefined : compareNumbers(date, moment!);
    };
  }
  if (typeof literal === 'object') {
    const moment = instant(literal.date);
    return value => {
      const date = typeof value === 'string' ? instant(value) : dateOf(value);
      return date === undefined || moment === undefined ? undefined : compareNumbers(date, moment);
    };
  }
  return value => (typeof value === 'number' || typeof value === 'bigint' ? compareNumbers(value, literal) : undefined);
}

/** The instant of `{"$date":…}`, a metadata value; undefined for any other. */
export function dateOf(value: Exact): bigint | undefined {
  if (!(value instanceof Map) || value.size !== 1) return undefined;
  const text = value.get('$date');
  return typeof text === 'string' ? instant(text) : undefined;
}

/** JavaScript compares a bigint with a number by their exact values. */
function compareNumbers(a: bigint | number, b: bigint | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** By code point: UTF-16 order differs, as surrogates sort before U+E000 to U+FFFF. */
export function compareStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x2800 : unit;
}
