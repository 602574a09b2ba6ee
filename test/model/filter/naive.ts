import type { Filter, FilterValue } from '../../../src/model/filter/filter.ts';
import type { Id } from '../../../src/model/id.ts';

/**
 * A second reading of data.md's semantics, which shares nothing with the evaluator: JSON.parse of the whole text, exact fractions
 * of BigInt for numbers, arrays of code points for strings, Date for instants.
 */
export function naiveMatch(filter: Filter, id: Id, metadata: string | undefined): boolean {
  const root = JSON.parse(metadata ?? '{}', (_: string, value: unknown, context?: { source: string }) =>
    typeof value === 'number' ? { number: fraction(context!.source) } : value,
  );
  const valueAt = (path: string[]): unknown => {
    let value: unknown = root;
    for (const name of path) {
      const inside = typeof value === 'object' && value !== null && !Array.isArray(value) && !isNumber(value);
      value = inside && Object.hasOwn(value as object, name) ? (value as Record<string, unknown>)[name] : undefined;
    }
    return value ?? null;
  };
  const any = (path: string[], test: (scalar: unknown) => boolean): boolean => {
    const value = valueAt(path);
    return Array.isArray(value) ? value.some(test) : test(value);
  };
  const compared = (path: string[], literal: FilterValue, test: (sign: number) => boolean): boolean =>
    any(path, scalar => {
      const sign = order(scalar, literal);
      return sign !== undefined && test(sign);
    });
  const walk = (node: Filter): boolean => {
    switch (node.op) {
      case 'and':
        return !node.args.some(arg => !walk(arg));
      case 'or':
        return node.args.filter(walk).length > 0;
      case 'not':
        return walk(node.arg) === false;
      case 'ids':
        return node.ids.includes(id);
      case 'exists':
        return valueAt(node.field) !== null;
      case 'has':
        return Array.isArray(valueAt(node.field)) && walk({ ...node, op: 'eq' });
      case 'contains':
        return any(node.field, scalar => typeof scalar === 'string' && scalar.lastIndexOf(node.value) >= 0);
      case 'in':
        return node.values.some(value => walk({ op: 'eq', field: node.field, value }));
      case 'eq':
        return compared(node.field, node.value, sign => sign === 0);
      case 'lt':
        return compared(node.field, node.value, sign => sign < 0);
      case 'lte':
        return compared(node.field, node.value, sign => sign <= 0);
      case 'gt':
        return compared(node.field, node.value, sign => sign > 0);
      case 'gte':
        return compared(node.field, node.value, sign => sign >= 0);
    }
  };
  return walk(filter);
}

type Fraction = { numerator: bigint; denominator: bigint };
type NumberNode = { number: Fraction };

function isNumber(value: unknown): value is NumberNode {
  return typeof value === 'object' && value !== null && 'number' in value && typeof value.number === 'object';
}

/** The exact value of a token: an integer, or the binary64 that is nearest to it. */
function fraction(source: string | number | bigint): Fraction {
  if (typeof source === 'bigint' || (/^-?[0-9]+$/.test(String(source)) && typeof source === 'string')) {
    return { numerator: BigInt(source), denominator: 1n };
  }
  let value = Number(source);
  let denominator = 1n;
  while (!Number.isInteger(value)) {
    value *= 2;
    denominator *= 2n;
  }
  return { numerator: BigInt(value), denominator };
}

function order(value: unknown, literal: FilterValue): number | undefined {
  if (typeof literal === 'boolean') return value === literal ? 0 : undefined;
  if (typeof literal === 'string') {
    if (typeof value === 'string') return compareLists([...value].map(codePoint), [...literal].map(codePoint));
    return difference(dateIn(value), millis(literal));
  }
  if (typeof literal === 'object') {
    return difference(typeof value === 'string' ? millis(value) : dateIn(value), millis(literal.date));
  }
  if (!isNumber(value)) return undefined;
  const [a, b] = [value.number, fraction(literal)];
  return Number(a.numerator * b.denominator - b.numerator * a.denominator);
}

const codePoint = (character: string): number => character.codePointAt(0)!;

function compareLists(a: number[], b: number[]): number {
  for (let i = 0; ; i++) {
    if (i === a.length || i === b.length) return a.length - b.length;
    if (a[i] !== b[i]) return a[i]! - b[i]!;
  }
}

function dateIn(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const entries = Object.entries(value);
  return entries.length === 1 && entries[0]![0] === '$date' && typeof entries[0]![1] === 'string'
    ? millis(entries[0]![1])
    : undefined;
}

/** To the millisecond, which is as fine as the samples are. */
function millis(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/.test(text)) return undefined;
  const time = Date.parse(/T/.test(text) && !/(Z|[+-]\d\d:?\d\d)$/.test(text) ? `${text}Z` : text);
  return Number.isNaN(time) ? undefined : time;
}

function difference(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a - b;
}
