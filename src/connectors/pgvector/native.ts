import type { Call, JsonValue } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import type { SqlLink, SqlValue } from './sqlLink.ts';

/** Type OIDs (pg_type.dat) whose text is a JSON value as it stands. */
const JSON_TYPES = new Set([114, 3802]);
const NUMBERS = new Set([20, 21, 23, 26, 700, 701, 1700]);
const BOOLEAN = 16;

/**
 * Runs one SQL statement and yields each row as a JSON object, a command without rows one with its count. `$name` in the
 * statement takes the parameter of that name; numbers keep every digit.
 */
export async function* native(
  link: SqlLink,
  statement: string,
  params: Record<string, JsonValue>,
  call: Call,
): AsyncGenerator<string> {
  const { sql, values } = bind(statement, params);
  const result = await link.query(sql, values, call);
  if (result.columns.length === 0) {
    yield JSON.stringify({ count: result.count });
    return;
  }
  const keys = result.columns.map(each => JSON.stringify(each.name));
  for (const row of result.rows) {
    yield `{${row.map((value, index) => `${keys[index]}:${asJson(value, result.columns[index]!.type)}`).join(',')}}`;
  }
}

function asJson(value: string | null, type: number): string {
  if (value === null) return 'null';
  if (JSON_TYPES.has(type)) return value;
  if (type === BOOLEAN) return value === 't' || value === 'true' ? 'true' : 'false';
  if (NUMBERS.has(type) && /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(value)) return value;
  return JSON.stringify(value);
}

/** Quoted text, comments and `$1` stay; a name that has no parameter does too (dollar quotes are such). */
const TOKENS =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|(\$([A-Za-z_]\w*)?\$)[\s\S]*?\1|\$([A-Za-z_]\w*)/g;

function bind(statement: string, params: Record<string, JsonValue>): { sql: string; values: SqlValue[] } {
  const names: string[] = [];
  const sql = statement.replace(TOKENS, (token, _quote, _tag, name?: string) => {
    if (name === undefined || !Object.hasOwn(params, name)) return token;
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}`;
  });
  const unused = Object.keys(params).find(name => !names.includes(name));
  if (unused !== undefined) {
    throw new VdbError('usage', `the statement has no $${unused}`, {
      hint: `Write $${unused} where its value belongs.`,
    });
  }
  return { sql, values: names.map(name => asText(params[name]!)) };
}

function asText(value: JsonValue): SqlValue {
  if (value === null || typeof value === 'string') return value;
  if (Array.isArray(value) && value.every(each => each === null || typeof each !== 'object')) {
    return value.map(each => (each === null ? null : String(each)));
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
