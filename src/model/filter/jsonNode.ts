import { MAX_DEPTH, syntaxError } from './syntax.ts';
import { type Token, tokenize } from './tokenize.ts';

/** JSON with positions, for errors that point at the place. */
export type JsonNode = { start: number } & (
  | { kind: 'object'; members: { key: string; start: number; value: JsonNode }[] }
  | { kind: 'array'; items: JsonNode[] }
  | { kind: 'scalar'; value: string | bigint | number | boolean | null }
);

const WORDS: Record<string, boolean | null> = { true: true, false: false, null: null };

/** Reads the one JSON value that `text` is. Throws `usage`. */
export function parseJsonNode(text: string): JsonNode {
  const tokens = tokenize(text);
  let at = 0;
  const root = node(0);
  if (tokens[at]!.kind !== 'end') throw expected('the end');
  return root;

  function take(punctuation: string): boolean {
    const token = tokens[at]!;
    if (token.kind !== 'punctuation' || token.value !== punctuation) return false;
    at++;
    return true;
  }

  function node(depth: number): JsonNode {
    const token = tokens[at]!;
    const { start } = token;
    // One level of the filter is at most three of JSON: {"$not":…}, or {"$and":[{…}]}.
    if (depth > 3 * MAX_DEPTH) throw syntaxError(text, start, `the filter nests deeper than ${MAX_DEPTH}`);
    if (take('{')) return { kind: 'object', start, members: series('}', () => member(depth)) };
    if (take('[')) return { kind: 'array', start, items: series(']', () => node(depth + 1)) };
    if (token.kind === 'integer' || token.kind === 'float' || isJsonString(token)) {
      at++;
      return { kind: 'scalar', start, value: token.value };
    }
    if (token.kind === 'word' && Object.hasOwn(WORDS, token.value)) {
      at++;
      return { kind: 'scalar', start, value: WORDS[token.value]! };
    }
    throw expected('a JSON value');
  }

  function member(depth: number): { key: string; start: number; value: JsonNode } {
    const token = tokens[at]!;
    if (!isJsonString(token)) throw expected('a key in double quotes');
    at++;
    if (!take(':')) throw expected("':' behind the key");
    return { key: token.value as string, start: token.start, value: node(depth + 1) };
  }

  function series<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    if (take(close)) return items;
    do items.push(item());
    while (take(','));
    if (!take(close)) throw expected(`',' or '${close}'`);
    return items;
  }

  function isJsonString(token: Token): boolean {
    return token.kind === 'string' && token.text.startsWith('"');
  }

  function expected(what: string) {
    const token = tokens[at]!;
    const found = token.kind === 'end' ? 'the filter ends' : `the filter has ${token.text}`;
    return syntaxError(text, token.start, `expected ${what} where ${found}`);
  }
}
