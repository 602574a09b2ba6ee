import { printExact } from '../json/exact.ts';
import type { FieldPath, Filter, FilterValue } from './filter.ts';
import { ID_WORD, KEYWORDS } from './keywords.ts';

const COMPARISONS = { eq: '=', lt: '<', lte: '<=', gt: '>', gte: '>=' } as const;
const PLAIN = /^[\p{L}_][\p{L}\p{N}_]*$/u;

/** The infix spelling; parseFilter reads it back to an equal tree. */
export function formatFilter(filter: Filter): string {
  switch (filter.op) {
    case 'and':
    case 'or':
      return filter.args.map(grouped).join(` ${filter.op} `);
    case 'not':
      return formatNot(filter.arg);
    case 'in':
      return `${formatPath(filter.field)} in ${formatList(filter.values)}`;
    case 'has':
      return `${formatPath(filter.field)} has ${formatValue(filter.value)}`;
    case 'exists':
      return `${formatPath(filter.field)} exists`;
    case 'contains':
      return `${formatPath(filter.field)} ~ ${JSON.stringify(filter.value)}`;
    case 'ids':
      return filter.ids.length === 1 ? `id = ${formatValue(filter.ids[0]!)}` : `id in ${formatList(filter.ids)}`;
    default:
      return `${formatPath(filter.field)} ${COMPARISONS[filter.op]} ${formatValue(filter.value)}`;
  }
}

function formatNot(arg: Filter): string {
  if (arg.op === 'eq') return `${formatPath(arg.field)} != ${formatValue(arg.value)}`;
  if (arg.op === 'in') return `${formatPath(arg.field)} not in ${formatList(arg.values)}`;
  if (arg.op === 'exists') return `${formatPath(arg.field)} is null`;
  if (arg.op === 'ids' && arg.ids.length === 1) return `id != ${formatValue(arg.ids[0]!)}`;
  if (arg.op === 'ids') return `id not in ${formatList(arg.ids)}`;
  return `not ${grouped(arg)}`;
}

function grouped(filter: Filter): string {
  const text = formatFilter(filter);
  return filter.op === 'and' || filter.op === 'or' ? `(${text})` : text;
}

/** A field as it is written in a filter: names in backticks where they need it. */
export function formatPath(path: FieldPath): string {
  return path
    .map(name => {
      const plain = PLAIN.test(name) && !KEYWORDS.has(name.toLowerCase()) && name !== ID_WORD;
      return plain ? name : `\`${name.replaceAll('`', '``')}\``;
    })
    .join('.');
}

export function formatValue(value: FilterValue): string {
  return typeof value === 'object' ? `@${value.date}` : printExact(value);
}

function formatList(values: FilterValue[]): string {
  return `(${values.map(formatValue).join(', ')})`;
}
