/**
 * Chroma's `where` as a tree; values are JSON text, because how a number is spelled matters. True and false stand for
 * everything and nothing, of which the server has no word.
 */
export type Where = boolean | Leaf | { op: '$and' | '$or'; args: Where[] };

interface Leaf {
  op: LeafOperator;
  key: string;
  value: string;
}

type LeafOperator = keyof typeof NEGATED;

/** `$ne`, `$nin` and `$not_contains` match records without the key too (measured), so they are complements; order has none. */
const NEGATED = {
  $eq: '$ne',
  $ne: '$eq',
  $in: '$nin',
  $nin: '$in',
  $contains: '$not_contains',
  $not_contains: '$contains',
  $lt: null,
  $lte: null,
  $gt: null,
  $gte: null,
} as const;

export function leaf(key: string, op: LeafOperator, value: string): Where {
  return { op, key, value };
}

export function allOf(args: Where[]): Where {
  if (args.includes(false)) return false;
  const left = args.filter(arg => arg !== true);
  return left.length === 0 ? true : left.length === 1 ? left[0]! : { op: '$and', args: left };
}

export function anyOf(args: Where[]): Where {
  if (args.includes(true)) return true;
  const left = args.filter(arg => arg !== false);
  return left.length === 0 ? false : left.length === 1 ? left[0]! : { op: '$or', args: left };
}

/** The complement; null when the server has none. */
export function negation(where: Where): Where | null {
  if (typeof where === 'boolean') return !where;
  if ('args' in where) {
    const args = where.args.map(negation);
    if (args.includes(null)) return null;
    return where.op === '$and' ? anyOf(args as Where[]) : allOf(args as Where[]);
  }
  const op = NEGATED[where.op];
  return op === null ? null : { ...where, op };
}

/** How many conditions; SQLite takes an expression at most 1,000 deep. */
export function size(where: Where): number {
  if (typeof where === 'boolean') return 0;
  return 'args' in where ? where.args.reduce<number>((sum, arg) => sum + size(arg), 0) : 1;
}

/** JSON text; one key per object, as the server wants it. */
export function printWhere(where: Exclude<Where, boolean>): string {
  if (!('args' in where)) return `{${JSON.stringify(where.key)}:{"${where.op}":${where.value}}}`;
  return `{"${where.op}":[${where.args.map(arg => printWhere(arg as Exclude<Where, boolean>)).join(',')}]}`;
}
