import type { Call, JsonValue } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import { Scanner } from '../../model/json/scanner.ts';
import type { Server } from './collection.ts';

/**
 * One request of the REST API, `METHOD PATH [BODY]`: `POST /collections/…/get {"limit":1}`. A path that begins with
 * /api/v2/ is taken as it is, any other stands below the tenant and database. `{name}` in the path takes the parameter of
 * that name; the others are members of the body. Yields the entries of an array, else the answer itself, as the server
 * spelled them.
 */
export async function* native(
  { link, root }: Server,
  statement: string,
  params: Record<string, JsonValue>,
  call: Call,
): AsyncGenerator<string> {
  const match = /^\s*(GET|POST|PUT|PATCH|DELETE)\s+(\/\S*)\s*([\s\S]*)$/i.exec(statement);
  if (match === null) {
    throw new VdbError('usage', 'the statement is not METHOD PATH [BODY]', {
      hint: `Write it as 'GET /collections' or 'POST /collections/ID/get {"limit":1}'.`,
    });
  }
  const [, method, path, body = ''] = match;
  const used = new Set<string>();
  const filled = path!.replace(/\{([A-Za-z_]\w*)\}/g, (whole, name: string) => {
    if (!Object.hasOwn(params, name)) return whole;
    used.add(name);
    return encodeURIComponent(String(params[name]));
  });
  const rest = Object.entries(params).filter(([name]) => !used.has(name));
  const full = filled.startsWith('/api/v2/') ? filled.slice('/api/v2'.length) : `${root}${filled}`;
  const answer = await link.send(method!.toUpperCase(), full, withMembers(body.trim(), rest), call);
  yield* rows(answer);
}

function withMembers(body: string, members: [string, JsonValue][]): string | undefined {
  if (members.length === 0) return body === '' ? undefined : body;
  const added = members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',');
  if (body === '' || /^\{\s*\}$/.test(body)) return `{${added}}`;
  if (!body.startsWith('{')) throw new VdbError('usage', 'parameters were given, but the body is no object');
  return `{${added},${body.slice(1)}`;
}

function* rows(answer: string): Generator<string> {
  const text = answer.trim();
  if (text === '') return;
  if (!text.startsWith('[')) {
    yield text.startsWith('{') || isJson(text) ? text : JSON.stringify(text);
    return;
  }
  const scanner = new Scanner().load(text);
  if (!scanner.open(91, 0)) return;
  do {
    scanner.skip(1);
    yield scanner.text.slice(scanner.start, scanner.end);
  } while (scanner.more(93));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
