import { floatText } from './floatText.ts';
import { isInt64 } from './storedMetadata.ts';
import { allOf, anyOf, leaf, type Where } from './where.ts';

/*
 * How the server (Chroma 1.5.9, measured) compares a stored number, integer or float, with a literal:
 *   an integer literal n: stored integers with n, stored floats with n as a double;
 *   a float literal x: stored floats with x, stored integers with x cut to an integer (2^63 and above: to 2^63 - 1).
 * So `< 1.5` does not find 1, and `= 5e-324` finds 0. Below, what one literal gets wrong another one mends. Null stands for
 * what cannot be said exactly.
 */

export type Order = 'lt' | 'lte' | 'gt' | 'gte';

const MAX = String(2n ** 63n - 1n);
const MIN = String(-(2n ** 63n));

export function numberEquals(key: string, literal: bigint | number): Where | null {
  const value = normal(literal);
  if (typeof value === 'bigint') {
    const double = Number(value);
    if (BigInt(double) === value) return leaf(key, '$eq', String(value));
    // Of floats, the nearest double would be found too.
    return double === 2 ** 63 ? null : both(leaf(key, '$eq', String(value)), float(key, '$ne', double));
  }
  if (value === null) return false;
  if (value === 2 ** 63) return null;
  const wrong = Number.isInteger(value) ? (value > 0 ? MAX : MIN) : String(BigInt(Math.trunc(value)));
  return both(float(key, '$eq', value), leaf(key, '$ne', wrong));
}

export function numberOrder(key: string, op: Order, literal: bigint | number): Where | null {
  const value = normal(literal);
  if (value === null) return beyond(key, op, literal as bigint);
  const less = op === 'lt' || op === 'lte';
  if (typeof value === 'bigint') {
    const double = Number(value);
    if (BigInt(double) === value) return leaf(key, `$${op}`, String(value));
    const strict = leaf(key, less ? '$lt' : '$gt', String(value));
    // The doubles on that side are those beyond the nearest one, and that one where it lies there itself.
    const there = less ? BigInt(double) < value : BigInt(double) > value;
    if (there && double === 2 ** 63) return null;
    return withEqual(key, op, there ? either(strict, float(key, '$eq', double)) : strict, value);
  }
  if (value === 2 ** 63) return null;
  const strict = float(key, less ? '$lt' : '$gt', value);
  if (!Number.isInteger(value)) {
    const integers = less
      ? leaf(key, '$lte', String(BigInt(Math.floor(value))))
      : leaf(key, '$gte', String(BigInt(Math.ceil(value))));
    return withEqual(key, op, either(strict, integers), value);
  }
  const all = value > 0 ? less : !less;
  const integers = all ? leaf(key, less ? '$lte' : '$gte', less ? MAX : MIN) : false;
  return withEqual(key, op, either(strict, integers), value);
}

/** Elements of arrays are compared with literals of their own type only. */
export function numberContained(key: string, literal: bigint | number): Where | null {
  const value = normal(literal);
  if (value === null) return false;
  if (typeof value === 'number') return float(key, '$contains', value);
  const integers = leaf(key, '$contains', String(value));
  return BigInt(Number(value)) === value ? either(integers, float(key, '$contains', Number(value))) : integers;
}

/** A bigint within 64 bits, a float that is none of these, or null: no stored number equals it. */
function normal(literal: bigint | number): bigint | number | null {
  const value = typeof literal === 'number' && Number.isInteger(literal) ? BigInt(literal) : literal;
  if (typeof value === 'number' || isInt64(value)) return value;
  return BigInt(Number(value)) === value ? Number(value) : null;
}

/** Order against an integer beyond 64 bits that no double equals. */
function beyond(key: string, op: Order, literal: bigint): Where | null {
  const double = Number(literal);
  const above = BigInt(double) > literal;
  if (op === 'lt' || op === 'lte') return numberOrder(key, above ? 'lt' : 'lte', double);
  return numberOrder(key, above ? 'gte' : 'gt', double);
}

function withEqual(key: string, op: Order, strict: Where | null, value: bigint | number): Where | null {
  return op === 'lt' || op === 'gt' ? strict : either(strict, numberEquals(key, value));
}

function float(key: string, op: '$eq' | '$ne' | '$lt' | '$gt' | '$contains', value: number): Where | null {
  const text = floatText(value);
  return text === undefined ? null : leaf(key, op, text);
}

function both(a: Where | null, b: Where | null): Where | null {
  return a === null || b === null ? null : allOf([a, b]);
}

function either(a: Where | null, b: Where | null): Where | null {
  return a === null || b === null ? null : anyOf([a, b]);
}
