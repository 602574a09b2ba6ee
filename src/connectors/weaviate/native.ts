import type { Call, JsonValue } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import type { Link } from './link.ts';
import type { Method } from './wire/rest.ts';

const REQUEST = /^\s*(GET|POST|PUT|PATCH|DELETE)\s+(\/v1\/\S+)\s*([\s\S]*)$/;

/**
 * A GraphQL query, with `params` as its variables, or a request of the REST interface: `POST /v1/objects {"class":…}`. Rows are
 * the items of the one list that the answer holds, else the answer itself; numbers keep their spelling.
 */
export async function* native(
  link: Link,
  statement: string,
  params: Record<string, JsonValue>,
  call: Call,
): AsyncGenerator<string> {
  const request = REQUEST.exec(statement);
  const text = request
    ? await link.rest.text(request[1] as Method, request[2]!, body(request[3]!), call)
    : await link.rest.text('POST', '/v1/graphql', { query: statement, variables: params }, call);
  if (text.trim() === '') return;
  const answer = parseSpelled(text);
  for (const row of rowsOf(request ? answer : dataOf(answer))) yield JSON.stringify(row);
}

/** What ES2025 has and TypeScript's library of it lacks. */
const { rawJSON, isRawJSON } = JSON as unknown as {
  rawJSON(text: string): object;
  isRawJSON(value: unknown): boolean;
};

/** Numbers as they are spelled: the server writes floats up to 1e21 as integers, which may be beyond 64 bits (Go's encoding/json). */
function parseSpelled(text: string): unknown {
  const spelled = (_: string, value: unknown, context?: { source: string }) =>
    typeof value === 'number' ? rawJSON(context!.source) : value;
  return JSON.parse(text, spelled);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawJSON(value);
}

function body(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new VdbError('usage', 'what follows the path is not JSON', {
      reason: 'syntax',
      outcome: 'not_applied',
      cause: (error as Error).message,
    });
  }
}

/** GraphQL fails with status 200. */
function dataOf(answer: unknown): unknown {
  const { errors, data } = isObject(answer) ? answer : {};
  if (Array.isArray(errors) && errors.length > 0) {
    const message = isObject(errors[0]) ? errors[0].message : undefined;
    throw new VdbError('invalid', 'Weaviate refused the GraphQL query', {
      outcome: 'not_applied',
      cause: typeof message === 'string' ? message : JSON.stringify(errors),
    });
  }
  return data ?? answer;
}

function rowsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  const [only, ...others] = isObject(value) ? Object.values(value) : [];
  return others.length === 0 && (Array.isArray(only) || isObject(only)) ? rowsOf(only) : [value];
}
