import type { FieldPath, Filter, FilterValue } from './filter.ts';
import { instant } from './instant.ts';
import { type JsonNode, parseJsonNode } from './jsonNode.ts';
import { MAX_DEPTH, MAX_VALUES, syntaxError } from './syntax.ts';

type ObjectNode = Extract<JsonNode, { kind: 'object' }>;

/**
 * The JSON spelling. `{"a":5}` is equality; members are joined by AND.
 * Of a field: `$eq $ne $lt $lte $gt $gte`, `$in $nin` with a list, `$has`, `$exists` with true or false, `$contains` (the `~` of
 * the infix spelling), `$not` with an object of these. Around filters: `$and $or` with a list, `$not`.
 * `$id` is the record's id: `{"$id":"a"}`, or `$eq $ne $in $nin`. A date is `{"$date":"2024-01-31T12:00:00Z"}`.
 * In a key `.` descends; a backslash (two in JSON text) makes the next character literal: `"a\\.b"`, `"\\$x"`.
 */
export function parseJson(text: string): Filter {
  return filterOf(parseJsonNode(text), 0);

  function filterOf(node: JsonNode, depth: number): Filter {
    if (depth > MAX_DEPTH) throw syntaxError(text, node.start, `the filter nests deeper than ${MAX_DEPTH}`);
    const { members } = objectOf(node, 'a filter object');
    return joined(
      members.map(({ key, start, value }) => {
        if (key === '$and' || key === '$or') {
          const args = listOf(value, key).map(item => filterOf(item, depth + 1));
          return args.length === 1 ? args[0]! : { op: key === '$and' ? 'and' : 'or', args };
        }
        if (key === '$not') return { op: 'not', arg: filterOf(value, depth + 1) };
        if (key === '$id') return idPredicate(value);
        if (key.startsWith('$')) {
          const known = 'a field, $and, $or, $not or $id';
          throw syntaxError(
            text,
            start,
            `expected ${known} where the filter has '${key}'`,
            "A field whose name starts with '$' is written with two backslashes before it.",
          );
        }
        return fieldPredicate(pathOf(key, start), value, depth);
      }),
    );
  }

  function fieldPredicate(field: FieldPath, node: JsonNode, depth: number): Filter {
    if (depth > MAX_DEPTH) throw syntaxError(text, node.start, `the filter nests deeper than ${MAX_DEPTH}`);
    if (node.kind !== 'object' || isDate(node)) return { op: 'eq', field, value: scalarOf(node) };
    return joined(
      objectOf(node, 'operators').members.map(({ key, start, value }): Filter => {
        switch (key) {
          case '$eq':
            return { op: 'eq', field, value: scalarOf(value) };
          case '$ne':
            return { op: 'not', arg: { op: 'eq', field, value: scalarOf(value) } };
          case '$lt':
          case '$lte':
          case '$gt':
          case '$gte': {
            const bound = scalarOf(value);
            if (typeof bound !== 'boolean')
              return { op: key.slice(1) as 'lt' | 'lte' | 'gt' | 'gte', field, value: bound };
            throw syntaxError(
              text,
              value.start,
              `expected a string, a number or a date behind '${key}'`,
              'True and false have no order.',
            );
          }
          case '$in':
            return { op: 'in', field, values: listOf(value, key).map(scalarOf) };
          case '$nin':
            return { op: 'not', arg: { op: 'in', field, values: listOf(value, key).map(scalarOf) } };
          case '$has':
            return { op: 'has', field, value: scalarOf(value) };
          case '$exists': {
            if (value.kind !== 'scalar' || typeof value.value !== 'boolean') {
              throw syntaxError(text, value.start, "expected true or false behind '$exists'");
            }
            return value.value ? { op: 'exists', field } : { op: 'not', arg: { op: 'exists', field } };
          }
          case '$contains': {
            if (value.kind === 'scalar' && typeof value.value === 'string')
              return { op: 'contains', field, value: value.value };
            throw syntaxError(
              text,
              value.start,
              "expected a string behind '$contains'",
              "For an element of an array use '$has'.",
            );
          }
          case '$not':
            return { op: 'not', arg: fieldPredicate(field, value, depth + 1) };
          default: {
            const known = '$eq $ne $lt $lte $gt $gte $in $nin $has $exists $contains $not';
            throw syntaxError(
              text,
              start,
              `expected one of ${known} where the filter has '${key}'`,
              "A nested field is one key with dots: 'a.b'.",
            );
          }
        }
      }),
    );
  }

  function idPredicate(node: JsonNode): Filter {
    if (node.kind !== 'object') return { op: 'ids', ids: [idOf(node)] };
    return joined(
      objectOf(node, '$eq, $ne, $in or $nin').members.map(({ key, start, value }): Filter => {
        if (key === '$eq') return { op: 'ids', ids: [idOf(value)] };
        if (key === '$ne') return { op: 'not', arg: { op: 'ids', ids: [idOf(value)] } };
        if (key === '$in') return { op: 'ids', ids: listOf(value, key).map(idOf) };
        if (key === '$nin') return { op: 'not', arg: { op: 'ids', ids: listOf(value, key).map(idOf) } };
        throw syntaxError(text, start, `expected $eq, $ne, $in or $nin where the filter has '${key}'`);
      }),
    );
  }

  function joined(args: Filter[]): Filter {
    return args.length === 1 ? args[0]! : { op: 'and', args };
  }

  function objectOf(node: JsonNode, what: string): ObjectNode {
    if (node.kind !== 'object') throw syntaxError(text, node.start, `expected ${what} in the filter`);
    if (node.members.length === 0) {
      throw syntaxError(
        text,
        node.start,
        `expected ${what} where the filter has {}`,
        'An empty filter never means all records.',
      );
    }
    const seen = new Set<string>();
    for (const { key, start } of node.members) {
      if (seen.has(key)) throw syntaxError(text, start, `the key '${key}' stands twice in one object of the filter`);
      seen.add(key);
    }
    return node;
  }

  function listOf(node: JsonNode, key: string): JsonNode[] {
    if (node.kind !== 'array' || node.items.length === 0) {
      throw syntaxError(text, node.start, `expected a list that is not empty behind '${key}'`);
    }
    if (node.items.length > MAX_VALUES)
      throw syntaxError(text, node.start, `a list in the filter is longer than ${MAX_VALUES}`);
    return node.items;
  }

  function isDate(node: ObjectNode): boolean {
    return node.members.length === 1 && node.members[0]!.key === '$date';
  }

  function scalarOf(node: JsonNode): FilterValue {
    if (node.kind === 'scalar' && node.value !== null) return node.value;
    if (node.kind === 'object' && isDate(node)) {
      const { value } = node.members[0]!;
      if (value.kind === 'scalar' && typeof value.value === 'string' && instant(value.value) !== undefined)
        return { date: value.value };
      throw syntaxError(text, value.start, 'expected a date like "2024-01-31T12:00:00Z" behind \'$date\'');
    }
    const hint =
      node.kind === 'scalar'
        ? 'Write {"field":{"$exists":false}}.'
        : node.kind === 'array'
          ? "Use '$in' or '$has'."
          : undefined;
    throw syntaxError(text, node.start, 'expected a string, a number, a date, true or false in the filter', hint);
  }

  function idOf(node: JsonNode): string | bigint {
    if (node.kind === 'scalar' && (typeof node.value === 'string' || typeof node.value === 'bigint')) return node.value;
    throw syntaxError(text, node.start, 'expected a record id in the filter: a string or an integer');
  }

  function pathOf(key: string, start: number): FieldPath {
    const path: string[] = [];
    let name = '';
    for (let i = 0; i < key.length; i++) {
      if (key[i] === '.') {
        path.push(name);
        name = '';
        continue;
      }
      if (key[i] === '\\' && ++i === key.length) {
        throw syntaxError(text, start, `the key '${key}' of the filter ends in a backslash`);
      }
      name += key[i];
    }
    path.push(name);
    return path;
  }
}
