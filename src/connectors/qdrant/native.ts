import type { Call, JsonValue } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import { Keys, Scanner } from '../../model/json/scanner.ts';
import type { Client, Method } from './wire/client.ts';

const REQUEST = /^\s*(GET|PUT|POST|PATCH|DELETE)\s+(\/\S*)\s*([\s\S]*)$/;

/**
 * One request as it is: `GET /collections`, `POST /collections/docs/points/scroll {"limit":5}`. `$name` takes a parameter: in the
 * path as a name, in the body where the string "$name" stands. The result's elements, its `points`, or the result itself are the
 * rows, in the server's spelling.
 */
export async function* native(
  client: Client,
  statement: string,
  params: Record<string, JsonValue>,
  call: Call,
): AsyncGenerator<string> {
  const match = REQUEST.exec(statement);
  if (match === null) {
    throw new VdbError('usage', 'the statement is not a method, a path and a JSON body', {
      outcome: 'not_applied',
      hint: 'Write it as: GET /collections, or POST /collections/NAME/points/count {"exact":true}.',
    });
  }
  const [, method, path, body] = bind(match, params);
  checkJson(body!);
  const text = await client.send(method as Method, path!, body!.trim() === '' ? undefined : body, call);
  yield* rowsOf(text);
}

function bind(parts: RegExpExecArray, params: Record<string, JsonValue>): string[] {
  const used = new Set<string>();
  const replace = (text: string, pattern: RegExp, value: (given: JsonValue) => string) =>
    text.replace(pattern, (token, name: string) => {
      if (!Object.hasOwn(params, name)) return token;
      used.add(name);
      return value(params[name]!);
    });
  const path = replace(parts[2]!, /\$([A-Za-z_]\w*)/g, given => encodeURIComponent(asText(given)));
  const body = replace(parts[3]!, /"\$([A-Za-z_]\w*)"/g, given => JSON.stringify(given));
  const unused = Object.keys(params).find(name => !used.has(name));
  if (unused !== undefined) {
    throw new VdbError('usage', `the statement has no $${unused}`, {
      outcome: 'not_applied',
      hint: `Write $${unused} in the path, or "$${unused}" in the body, where its value belongs.`,
    });
  }
  return ['', parts[1]!, path, body];
}

function asText(value: JsonValue): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function checkJson(body: string): void {
  if (body.trim() === '') return;
  try {
    JSON.parse(body);
  } catch (error) {
    throw new VdbError('usage', 'the body of the request is not JSON', {
      reason: 'syntax',
      outcome: 'not_applied',
      cause: error instanceof Error ? error.message : String(error),
    });
  }
}

/** Slices of the answer; what is no JSON (as of /metrics) is one string. */
function rowsOf(text: string): string[] {
  if (text === '') return [];
  try {
    JSON.parse(text);
  } catch {
    return [JSON.stringify(text)];
  }
  const result = memberText(text, 'result') ?? text;
  const list = result.startsWith('[') ? result : memberText(result, 'points');
  return list?.startsWith('[') ? elements(list) : [result];
}

function memberText(text: string, wanted: string): string | undefined {
  const scanner = new Scanner().load(text);
  if (scanner.peek() !== 123 || !scanner.open(123, 0)) return undefined;
  const keys = new Keys();
  do {
    const key = scanner.key(keys);
    scanner.skip(1);
    if (key === wanted) return text.slice(scanner.start, scanner.end);
  } while (scanner.more(125));
  return undefined;
}

function elements(list: string): string[] {
  const scanner = new Scanner().load(list);
  const found: string[] = [];
  if (scanner.open(91, 0)) {
    do {
      scanner.skip(1);
      found.push(list.slice(scanner.start, scanner.end));
    } while (scanner.more(93));
  }
  return found;
}
