import { instant } from './instant.ts';
import { syntaxError } from './syntax.ts';

/** `value` is the decoded text, the number, or (punctuation, end) the text itself. `text` is what stands in the source. */
export type Token = { start: number; text: string } & (
  | { kind: 'word' | 'quoted' | 'string' | 'date' | 'punctuation' | 'end'; value: string }
  | { kind: 'integer'; value: bigint }
  | { kind: 'float'; value: number }
);

const SPACE = /\s+/y;
const WORD = /[\p{L}_][\p{L}\p{N}_]*/uy;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const DATE = /@([0-9TZ:.+-]+)/y;
const PUNCTUATION = /[!<>]=|[=<>(),.~{}[\]:]/y;
const STRING = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/sy;
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|(.))/gs;
const QUOTED = /`((?:[^`]|``)*)`(?!`)/y;
const ESCAPES: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** The tokens of either spelling, with an `end` token behind the last. Throws `usage`. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  for (;;) {
    at += take(SPACE)?.[0].length ?? 0;
    if (at >= text.length) break;
    const token = next();
    tokens.push(token);
    at += token.text.length;
  }
  tokens.push({ kind: 'end', start: text.length, text: '', value: '' });
  return tokens;

  function next(): Token {
    const first = text[at]!;
    let match: RegExpExecArray | null;
    if (first === '"' || first === "'") {
      if (!(match = take(STRING))) throw syntaxError(text, at, `the string in the filter has no closing ${first}`);
      return { kind: 'string', start: at, text: match[0], value: decode(match[0]) };
    }
    if (first === '`') {
      // Two backticks inside a quoted field stand for one.
      if (!(match = take(QUOTED)))
        throw syntaxError(text, at, 'the quoted field in the filter has no closing backtick');
      return { kind: 'quoted', start: at, text: match[0], value: match[1]!.replaceAll('``', '`') };
    }
    if (first === '@') {
      match = take(DATE);
      if (!match || instant(match[1]!) === undefined) {
        throw syntaxError(
          text,
          at,
          "expected a date like @2024-01-31 or @2024-01-31T12:00:00Z behind '@' in the filter",
        );
      }
      return { kind: 'date', start: at, text: match[0], value: match[1]! };
    }
    if ((match = take(NUMBER))) return number(match);
    if ((match = take(WORD))) return { kind: 'word', start: at, text: match[0], value: match[0] };
    if ((match = take(PUNCTUATION))) return { kind: 'punctuation', start: at, text: match[0], value: match[0] };
    const character = String.fromCodePoint(text.codePointAt(at)!);
    throw syntaxError(
      text,
      at,
      `unexpected '${character}' in the filter`,
      'Strings stand in quotes, odd field names in backticks.',
    );
  }

  function number(match: RegExpExecArray): Token {
    const source = match[0];
    const end = at + source.length;
    if (/[\p{L}\p{N}_.]/u.test(text[end] ?? '')) {
      throw syntaxError(
        text,
        at,
        'malformed number in the filter',
        'A field whose name starts with a digit is written in backticks.',
      );
    }
    if (match[1] === undefined && match[2] === undefined) {
      const value = BigInt(source);
      if (value >= -(2n ** 63n) && value < 2n ** 64n) return { kind: 'integer', start: at, text: source, value };
      throw syntaxError(
        text,
        at,
        'an integer in the filter is outside of -2^63 to 2^64-1',
        'Write it with .0 to compare as a float.',
      );
    }
    const value = Number(source);
    if (!Number.isFinite(value)) throw syntaxError(text, at, 'a number in the filter is too large for a 64-bit float');
    return { kind: 'float', start: at, text: source, value };
  }

  function decode(source: string): string {
    const value = source
      .slice(1, -1)
      .replace(ESCAPE, (source, hex: string | undefined, letter: string, offset: number) => {
        if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
        if ('"\'\\/'.includes(letter)) return letter;
        const control = ESCAPES[letter];
        if (control !== undefined) return control;
        throw syntaxError(
          text,
          at + 1 + offset,
          `unknown escape '${source}' in a string of the filter`,
          'A backslash is written as two.',
        );
      });
    if (/\p{Surrogate}/u.test(value))
      throw syntaxError(text, at, 'a string in the filter holds half of a surrogate pair');
    return value;
  }
}
