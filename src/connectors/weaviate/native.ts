import type { Call, JsonValue } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import { type Exact, parseExact, printExact } from '../../model/json/exact.ts';
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
  const answer = parseExact(text);
  for (const row of rowsOf(request ? answer : dataOf(answer))) yield printExact(row);
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
function dataOf(answer: Exact): Exact {
  const errors = answer instanceof Map ? answer.get('errors') : undefined;
  if (Array.isArray(errors) && errors.length > 0) {
    const [first] = errors;
    const message = first instanceof Map ? first.get('message') : undefined;
    throw new VdbError('invalid', 'Weaviate refused the GraphQL query', {
      outcome: 'not_applied',
      cause: typeof message === 'string' ? message : printExact(errors),
    });
  }
  return answer instanceof Map ? (answer.get('data') ?? answer) : answer;
}

function rowsOf(value: Exact): Exact[] {
  if (Array.isArray(value)) return value;
  if (value instanceof Map && value.size === 1) {
    const [only] = value.values();
    if (Array.isArray(only) || only instanceof Map) return rowsOf(only);
  }
  return [value];
}
