import { type Exact, printExact } from '../json/exact.ts';
import type { FieldPath, Filter, FilterValue } from './filter.ts';

/** The JSON spelling, on one line; parseFilter reads it back to an equal tree. */
export function formatFilterJson(filter: Filter): string {
  return printExact(toExact(filter));
}

function toExact(filter: Filter): Exact {
  switch (filter.op) {
    case 'and':
    case 'or':
      return object(`$${filter.op}`, filter.args.map(toExact));
    case 'not':
      return object('$not', toExact(filter.arg));
    case 'in':
      return predicate(filter.field, '$in', filter.values.map(scalarOf));
    case 'exists':
      return predicate(filter.field, '$exists', true);
    case 'ids':
      return object('$id', object('$in', filter.ids));
    default:
      return predicate(filter.field, `$${filter.op}`, scalarOf(filter.value));
  }
}

function predicate(field: FieldPath, operator: string, value: Exact): Exact {
  const key = field.map(name => name.replace(/[\\.]/g, '\\$&')).join('.');
  return object(key.replace(/^\$/, '\\$'), object(operator, value));
}

function object(key: string, value: Exact): Exact {
  return new Map([[key, value]]);
}

function scalarOf(value: FilterValue): Exact {
  return typeof value === 'object' ? object('$date', value.date) : value;
}
