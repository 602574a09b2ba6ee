import type { FilterValue } from '../../model/filter/filter.ts';
import type { Kind } from './field.ts';
import { float, integer, text } from './sql.ts';

type Scalar = Exclude<FilterValue, object>;
export type Order = 'lt' | 'lte' | 'gt' | 'gte';

const SYMBOL = { lt: '<', lte: '<=', gt: '>', gte: '>=' } as const;
const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n - 1n;

/** The stored values that equal `value` exactly, as literals: none for unlike types, two for zero, which Lance tells from -0. */
export function equals(kind: Kind, value: Scalar): string[] {
  switch (kind) {
    case 'text':
      return typeof value === 'string' ? [text(value)] : [];
    case 'bool':
      return typeof value === 'boolean' ? [String(value)] : [];
    case 'int': {
      const whole = wholeOf(value);
      return whole !== null && whole >= LEAST && whole <= MOST ? [integer(whole)] : [];
    }
    case 'float': {
      if (typeof value !== 'number' && typeof value !== 'bigint') return [];
      const nearest = Number(value);
      if (typeof value === 'bigint' && (!Number.isFinite(nearest) || BigInt(nearest) !== value)) return [];
      return nearest === 0 ? [float(0), float(-0)] : [float(nearest)];
    }
    case 'other':
      return [];
  }
}

/** `operand op value` by exact value; null: never true. */
export function ordered(kind: Kind, operand: string, op: Order, value: Scalar): string | null {
  if (kind === 'text') return typeof value === 'string' ? `${operand} ${SYMBOL[op]} ${text(value)}` : null;
  if (typeof value !== 'number' && typeof value !== 'bigint') return null;
  if (kind === 'int') return orderedIntegers(operand, op, value);
  return kind === 'float' ? orderedFloats(operand, op, value) : null;
}

/** An Int64 column takes integer literals only. */
function orderedIntegers(operand: string, op: Order, value: number | bigint): string | null {
  const below = op === 'lt' || op === 'lte';
  const whole = wholeOf(value);
  const bound = whole ?? BigInt(Math.floor(value as number));
  if (bound > MOST) return below ? `${operand} IS NOT NULL` : null;
  if (bound < LEAST) return below ? null : `${operand} IS NOT NULL`;
  const symbol = whole !== null ? SYMBOL[op] : below ? '<=' : '>';
  return `${operand} ${symbol} ${integer(bound)}`;
}

function orderedFloats(operand: string, op: Order, value: number | bigint): string {
  const below = op === 'lt' || op === 'lte';
  const nearest = Number(value);
  if (typeof value === 'bigint' && BigInt(nearest) !== value) {
    // No float stands between the value and the nearest one.
    if (BigInt(nearest) > value) return `${operand} ${below ? '<' : '>='} ${float(nearest)}`;
    return `${operand} ${below ? '<=' : '>'} ${float(nearest)}`;
  }
  // In Lance's order -0 comes before 0.
  const zero = op === 'lt' || op === 'gte' ? -0 : 0;
  return `${operand} ${SYMBOL[op]} ${float(nearest === 0 ? zero : nearest)}`;
}

function wholeOf(value: Scalar): bigint | null {
  if (typeof value === 'bigint') return value;
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : null;
}
