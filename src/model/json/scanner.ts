import { type ErrorReason, VdbError } from '../errors.ts';
import type { JsonKind } from './members.ts';
import type { NumberPool } from './numberPool.ts';

/** Containers within containers, the outermost counted. */
export const MAX_DEPTH = 64;
/** The least double that float32 rounds to infinity. */
const FLOAT32_LIMIT = 2 ** 128 - 2 ** 103;
/** A whole number below this takes one more decimal digit and stays exact in a double. */
const ROOM = 900_719_925_474_099;
const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
/** Units as `(unit - 48) >>> 0`, which is below 10 for digits. */
const POINT = (46 - 48) >>> 0;
const COMMA = (44 - 48) >>> 0;
const LONE_SURROGATE = /\p{Cs}/u;
/** Larger buffers are not kept from one text to the next. */
const KEEP_UNITS = 1 << 20;

/**
 * The one reader of JSON tokens. Checks what JSON.parse cannot see (RFC 8259 syntax, duplicate keys, depth 64, integers
 * outside of -2^63 … 2^64-1, floats beyond binary64, lone surrogates, raw or escaped) and builds no values: `start`, `end`
 * and `isFloat` describe the token read last. Throws VdbError `invalid` naming the character, counted from 1.
 *
 * Works on the text's UTF-16 units in a typed array: indexes are those of the string, and reading them is 1.7 times as
 * fast as `charCodeAt`. An instance is made once and used for many texts; it is not reentrant.
 */
export class Scanner {
  text = '';
  /** The next unit to read. */
  pos = 0;
  /** The token read last: of a string what is between its quotes. */
  start = 0;
  end = 0;
  /** The string read last holds an escape. */
  escaped = false;
  #length = 0;
  #units = new Uint16Array(0);
  #bytes = Buffer.alloc(0);

  load(text: string): this {
    if (this.#units.length <= text.length || (this.#units.length > KEEP_UNITS && text.length < KEEP_UNITS)) {
      this.#units = new Uint16Array(Math.max(8192, text.length + (text.length >> 2) + 1));
      this.#bytes = Buffer.from(this.#units.buffer);
    }
    this.#bytes.write(text, 0, 'utf16le');
    this.#units[text.length] = 0;
    this.#length = text.length;
    this.text = text;
    this.pos = 0;
    return this;
  }

  /** The first unit of the next token, which is not consumed; 0 at the end of the text. */
  peek(): number {
    const units = this.#units;
    let at = this.pos;
    let c = units[at]!;
    while (c === 32 || c === 10 || c === 13 || c === 9) c = units[++at]!;
    this.pos = at;
    return c;
  }

  /** Nothing but white space may remain. */
  finish(): void {
    this.peek();
    if (this.pos < this.#length) throw this.unexpected('the end of the text');
  }

  /**
   * Enters a container, `open` being `{` or `[`: true when there is a first entry to read. Loop with `more`:
   * `if (scanner.open(91, depth)) do { … } while (scanner.more(93))`. `depth` counts the containers around this one.
   */
  open(open: 91 | 123, depth: number): boolean {
    if (this.peek() !== open) throw this.unexpected(open === 91 ? 'an array' : 'an object');
    if (depth >= MAX_DEPTH) throw this.fail(`more than ${MAX_DEPTH} nested arrays and objects`);
    this.pos++;
    if (this.peek() !== open + 2) return true;
    this.pos++;
    return false;
  }

  /** Behind an entry: true when another one follows, false when the container closed with `close`. */
  more(close: 93 | 125): boolean {
    const c = this.peek();
    if (c !== 44 && c !== close) throw this.unexpected(close === 93 ? "',' or ']'" : "',' or '}'");
    this.pos++;
    return c === 44;
  }

  /** A member's key and colon. Throws `duplicate_key` when `seen` holds it already. */
  key(seen: Keys): string {
    if (this.peek() !== 34) throw this.unexpected('a key');
    const at = this.pos;
    this.string();
    const key = this.value();
    if (!seen.add(key)) throw this.fail(`the key ${JSON.stringify(key)} stands twice`, 'duplicate_key', at);
    this.colon();
    return key;
  }

  colon(): void {
    if (this.peek() !== 58) throw this.unexpected("':'");
    this.pos++;
  }

  /** A string. */
  string(): void {
    const units = this.#units;
    let at = this.pos;
    if (units[at] !== 34) throw this.unexpected('a string');
    const start = ++at;
    let escaped = false;
    let surrogates = false;
    for (;;) {
      const c = units[at]!;
      if (c === 34) break;
      if (c < 32) {
        if (at >= this.#length) throw this.fail('the text ends within a string', 'syntax', at);
        throw this.fail('a control character that is not escaped', 'syntax', at);
      }
      if (c === 92) {
        escaped = true;
        const next = units[at + 1]!;
        if (next === 117) {
          if (hex4(units, at + 2) >> 11 === 0x1b) surrogates = true;
          else if (hex4(units, at + 2) < 0) throw this.fail('a bad \\u escape', 'syntax', at);
          at += 6;
        } else {
          if (!isEscape(next)) throw this.fail('a bad escape', 'syntax', at);
          at += 2;
        }
      } else {
        if (c >> 11 === 0x1b) surrogates = true;
        at++;
      }
    }
    this.start = start;
    this.end = at;
    this.escaped = escaped;
    this.pos = at + 1;
    if (surrogates && LONE_SURROGATE.test(this.value())) throw this.fail('half a surrogate pair', 'syntax', start - 1);
  }

  /** The decoded string read last. */
  value(): string {
    if (this.escaped) return JSON.parse(this.text.slice(this.start - 1, this.end + 1)) as string;
    return this.text.slice(this.start, this.end);
  }

  /** The spelling of the number or literal read last. */
  token(): string {
    return this.text.slice(this.start, this.end);
  }

  /** A number; `integer` when it has neither `.` nor an exponent. */
  number(): 'integer' | 'float' {
    const units = this.#units;
    const start = this.pos;
    let at = start;
    if (units[at] === 45) at++;
    const first = at;
    at = this.#digits(at);
    if (units[first] === 48 && at > first + 1) throw this.fail('a number with a leading zero', 'syntax', start);
    const digits = at - first;
    if (units[at] === 46) at = this.#digits(at + 1);
    const exponent = units[at] === 101 || units[at] === 69;
    if (exponent) at = this.#digits(units[at + 1] === 43 || units[at + 1] === 45 ? at + 2 : at + 1);
    this.start = start;
    this.end = this.pos = at;
    if (at === first + digits) {
      if (digits > 18) this.#checkInteger();
      return 'integer';
    }
    if ((exponent || digits > 300) && !Number.isFinite(Number(this.token())))
      throw this.fail(`the number ${abridge(this.token())} is beyond binary64`, 'not_finite', start);
    return 'float';
  }

  /**
   * The numbers of an array that was opened and holds at least one, behind those in the pool; see `float`. Common
   * spellings (up to nine digits on either side of the point) take the short way: 384 of them 15 µs, JSON.parse 30 µs.
   */
  floats(pool: NumberPool, exact = false): void {
    const units = this.#units;
    let values = pool.values;
    let used = pool.used;
    let at = this.pos;
    for (;;) {
      if (used === values.length) values = pool.grow();
      if (units[at] === 32) at++;
      const start = at;
      const negative = units[at] === 45;
      if (negative) at++;
      const first = at;
      let digit = (units[at]! - 48) >>> 0;
      let whole = 0;
      while (digit < 10) {
        whole = (Math.imul(whole, 10) + digit) | 0;
        digit = (units[++at]! - 48) >>> 0;
      }
      const places = at - first;
      let value = whole;
      let plain = places > 0 && places < 10 && (places === 1 || units[first] !== 48);
      if (digit === POINT) {
        const fraction = ++at;
        const ninth = fraction + 9;
        let part = 0;
        digit = (units[at]! - 48) >>> 0;
        while (digit < 10 && at < ninth) {
          part = (Math.imul(part, 10) + digit) | 0;
          digit = (units[++at]! - 48) >>> 0;
        }
        const taken = at - fraction;
        const power = POWERS[taken]!;
        // Dividend (at most 15 digits) and divisor are exact, so the quotient is the double nearest to the text.
        value = (whole * power + part) / power;
        if (taken === 0 || places > 6) plain = false;
        else if (digit < 10) {
          // Of longer fractions 15 digits, and the next number of so many: where both round to one float32, so does the text.
          let more = 0;
          const last = fraction + 15;
          while (digit < 10 && at < last) {
            more = (Math.imul(more, 10) + digit) | 0;
            digit = (units[++at]! - 48) >>> 0;
          }
          const moreTaken = at - ninth;
          const scale = POWERS[9 + moreTaken]!;
          const head = (whole * power + part) * POWERS[moreTaken]! + more;
          value = head / scale;
          if (whole > 8 || exact) plain = false;
          else if (digit < 10) {
            while (digit < 10) digit = (units[++at]! - 48) >>> 0;
            if (Math.fround((head + 1) / scale) !== Math.fround(value)) plain = false;
          }
        }
      }
      if (plain && digit === COMMA) {
        values[used++] = negative ? -value : value;
        at++;
        continue;
      }
      this.pos = start;
      this.peek();
      values[used++] = this.float(exact);
      if (!this.more(93)) break;
      at = this.pos;
    }
    pool.used = used;
  }

  /**
   * A number, an integer of any size too, as a double whose `Math.fround` is the float32 nearest to the double nearest
   * to the text: what every JSON reader makes of it. `exact`: the very double. Throws `not_finite` beyond float32.
   */
  float(exact = false): number {
    const units = this.#units;
    const start = this.pos;
    const negative = units[start] === 45;
    let at = negative ? start + 1 : start;
    const first = at;
    let digit = (units[at]! - 48) >>> 0;
    if (digit > 9) throw this.unexpected('a number');
    // As many digits as a double holds exactly, and a power of ten; zeros in front do not count.
    let mantissa = 0;
    let exponent = 0;
    let long = false;
    for (; digit < 10; digit = (units[++at]! - 48) >>> 0) {
      if (mantissa < ROOM) mantissa = mantissa * 10 + digit;
      else {
        long = true;
        exponent++;
      }
    }
    if (units[first] === 48 && at > first + 1) throw this.fail('a number with a leading zero', 'syntax', start);
    if (digit === POINT) {
      const fraction = ++at;
      digit = (units[at]! - 48) >>> 0;
      for (; digit < 10 && mantissa < ROOM; digit = (units[++at]! - 48) >>> 0) mantissa = mantissa * 10 + digit;
      exponent -= at - fraction;
      if (digit < 10 || long) {
        long = true;
        at = this.#digits(fraction);
      }
      if (at === fraction) throw this.fail('a digit is missing', 'syntax', at);
    }
    if (units[at] === 101 || units[at] === 69 || exponent < -22 || exponent > 22) return this.#slowFloat(start);
    this.start = start;
    this.end = this.pos = at;
    // Both operands are exact, so quotient and product are the doubles nearest to the true ones (Clinger, 1990).
    const power = POWERS[exponent < 0 ? -exponent : exponent]!;
    const value = exponent < 0 ? mantissa / power : mantissa * power;
    if (long) {
      // The number lies between these two, and rounding is monotonic.
      const above = exponent < 0 ? (mantissa + 1) / power : (mantissa + 1) * power;
      if (exact || Math.fround(above) !== Math.fround(value)) return this.#slowFloat(start);
    }
    if (value >= FLOAT32_LIMIT) return this.#slowFloat(start);
    return negative ? -value : value;
  }

  #slowFloat(start: number): number {
    this.pos = start;
    const units = this.#units;
    let at = start + (units[start] === 45 ? 1 : 0);
    at = this.#digits(at);
    if (units[at] === 46) at = this.#digits(at + 1);
    if (units[at] === 101 || units[at] === 69)
      at = this.#digits(units[at + 1] === 43 || units[at + 1] === 45 ? at + 2 : at + 1);
    this.start = start;
    this.end = this.pos = at;
    const value = Number(this.token());
    if (Math.abs(value) >= FLOAT32_LIMIT)
      throw this.fail(`the number ${abridge(this.token())} is beyond float32`, 'not_finite', start);
    return value;
  }

  /** `true`, `false` or `null`. */
  literal(): 'true' | 'false' | 'null' {
    const c = this.#units[this.pos];
    const word = c === 116 ? 'true' : c === 102 ? 'false' : 'null';
    if (!this.text.startsWith(word, this.pos)) throw this.unexpected('a value');
    this.start = this.pos;
    this.end = this.pos += word.length;
    return word;
  }

  /** Any value, checked at every depth; `start` and `end` are then the whole value's. */
  skip(depth: number): JsonKind {
    const c = this.peek();
    const start = this.pos;
    let kind: JsonKind;
    if (c === 34) {
      this.string();
      kind = 'string';
    } else if (c === 123) {
      if (this.open(123, depth)) {
        const keys = new Keys();
        do {
          this.key(keys);
          this.skip(depth + 1);
        } while (this.more(125));
      }
      kind = 'object';
    } else if (c === 91) {
      if (this.open(91, depth)) {
        do this.skip(depth + 1);
        while (this.more(93));
      }
      kind = 'array';
    } else if (c === 45 || (c >= 48 && c <= 57)) kind = this.number();
    else kind = this.literal() === 'null' ? 'null' : 'boolean';
    this.start = start;
    this.end = this.pos;
    return kind;
  }

  /** An error that names the character at `at`, counted from 1. */
  fail(what: string, reason: ErrorReason = 'syntax', at: number = this.pos): VdbError {
    return new VdbError('invalid', `${what} at character ${at + 1}`, { reason });
  }

  unexpected(wanted: string): VdbError {
    if (this.pos >= this.#length) return this.fail(`${wanted} expected, but the text ends`);
    const found = String.fromCodePoint(this.text.codePointAt(this.pos)!);
    return this.fail(`${wanted} expected, but ${JSON.stringify(found)} found`);
  }

  #digits(from: number): number {
    const units = this.#units;
    let at = from;
    while (units[at]! >= 48 && units[at]! <= 57) at++;
    if (at === from) throw this.fail('a digit is missing', 'syntax', at);
    return at;
  }

  #checkInteger(): void {
    const value = this.end - this.start > 21 ? null : BigInt(this.token());
    if (value === null || value < -(2n ** 63n) || value >= 2n ** 64n)
      throw this.fail(
        `the integer ${abridge(this.token())} is outside of -2^63 to 2^64-1`,
        'integer_range',
        this.start,
      );
  }
}

/** The keys of one object. Few are compared one by one, which is faster than any set. */
export class Keys {
  readonly #few: string[] = [];
  #many: Set<string> | undefined;

  /** False when it was there already. */
  add(key: string): boolean {
    if (this.#many !== undefined) return this.#many.size < this.#many.add(key).size;
    if (this.#few.includes(key)) return false;
    this.#few.push(key);
    if (this.#few.length > 12) this.#many = new Set(this.#few);
    return true;
  }
}

function isEscape(c: number): boolean {
  return c === 110 || c === 34 || c === 92 || c === 47 || c === 116 || c === 114 || c === 98 || c === 102;
}

/** The value of four hexadecimal digits, negative when they are not. */
function hex4(units: Uint16Array, at: number): number {
  let value = 0;
  for (let i = at; i < at + 4; i++) {
    const c = units[i]!;
    const low = c | 32;
    const digit = c >= 48 && c <= 57 ? c - 48 : low >= 97 && low <= 102 ? low - 87 : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

function abridge(token: string): string {
  return token.length <= 40 ? token : `${token.slice(0, 37)}...`;
}
