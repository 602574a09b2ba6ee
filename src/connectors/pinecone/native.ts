import type { Call, JsonValue } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import type { Link } from './link.ts';

const STATEMENT = /^\s*(?:([a-z0-9-]+)\s+)?(GET|POST|PATCH|PUT|DELETE)\s+(\/\S*)\s*([\s\S]*)$/;

/**
 * One request: `INDEX METHOD /path {json}` to an index, `METHOD /path {json}` to the control plane. Parameters become members
 * of the JSON body. Yields the answer, on one line, when there is one.
 */
export async function* native(
  link: Link,
  controlUrl: string,
  statement: string,
  params: Record<string, JsonValue>,
  call: Call,
): AsyncGenerator<string> {
  const [, index, method, path, text] = STATEMENT.exec(statement) ?? [];
  if (method === undefined || path === undefined || path.startsWith('//')) {
    throw new VdbError('usage', 'the statement is not a request', {
      reason: 'syntax',
      outcome: 'not_applied',
      hint: 'Write INDEX METHOD /path {json}, such as: docs POST /describe_index_stats {}',
    });
  }
  const base = index === undefined ? controlUrl : (await link.info(index, call)).url;
  const { body } = await link.data.send(method, `${base}${path}`, bodyOf(text ?? '', params), call);
  // Newlines stand only between JSON tokens.
  if (body !== '') yield body.replace(/[\r\n]+\s*/g, '');
}

function bodyOf(text: string, params: Record<string, JsonValue>): string | undefined {
  const given = text.trim();
  if (Object.keys(params).length === 0) return given === '' ? undefined : given;
  let parsed: unknown;
  try {
    parsed = given === '' ? {} : JSON.parse(given);
  } catch (error) {
    throw new VdbError('usage', 'the body of the request is not JSON', {
      reason: 'syntax',
      outcome: 'not_applied',
      cause: error instanceof Error ? error.message : String(error),
    });
  }
  return JSON.stringify({ ...(parsed as object), ...params });
}
