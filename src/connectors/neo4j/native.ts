import neo4j from 'neo4j-driver';
import type { Call, JsonValue } from '../../core/connector.ts';
import type { Neo4jLink } from './link.ts';
import { valueText } from './storedValue.ts';

/** Runs Cypher; each row is the JSON text of an object. Whole numbers of parameters are integers, as LIMIT and SKIP want them. */
export async function* native(
  link: Neo4jLink,
  statement: string,
  params: Record<string, JsonValue>,
  call: Call,
): AsyncGenerator<string> {
  const given = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, parameter(value)]));
  for await (const row of link.stream(statement, given, call)) {
    yield objectText(row.keys.map((key, i) => [String(key), row.get(i)]));
  }
}

function parameter(value: JsonValue): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(parameter);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, parameter(member)]));
}

function objectText(members: [string, unknown][]): string {
  return `{${members.map(([key, value]) => `${JSON.stringify(key)}:${resultText(value)}`).join(',')}}`;
}

/** What a column can hold beyond what a property can: lists and maps of anything, nodes, relationships, paths. */
function resultText(value: unknown): string {
  if (value === null || typeof value !== 'object') return valueText(value);
  if (Array.isArray(value)) return `[${value.map(resultText).join(',')}]`;
  if (neo4j.isNode(value)) {
    const { elementId, labels, properties } = value;
    return objectText([
      ['elementId', elementId],
      ['labels', labels],
      ['properties', properties],
    ]);
  }
  if (neo4j.isRelationship(value)) {
    const { elementId, type, startNodeElementId: start, endNodeElementId: end, properties } = value;
    return objectText([
      ['elementId', elementId],
      ['type', type],
      ['start', start],
      ['end', end],
      ['properties', properties],
    ]);
  }
  if (neo4j.isPath(value)) {
    const { start, segments } = value;
    return `[${resultText(start)}${segments.map(each => `,${resultText(each.relationship)},${resultText(each.end)}`).join('')}]`;
  }
  if (Object.getPrototypeOf(value) === Object.prototype) return objectText(Object.entries(value));
  return valueText(value);
}
