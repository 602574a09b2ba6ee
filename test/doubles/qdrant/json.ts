/*
 * JSON as serde_json sees it: numbers keep whether they were written as integers (within -2^63 … 2^64-1) or as floats, so that a
 * payload goes out as it came in.
 */

export class Num {
  /** An integer's digits, or a float in the shortest spelling that serde_json gives it. */
  readonly text: string;
  readonly isFloat: boolean;

  constructor(token: string, readFloat: (token: string) => number) {
    const whole = /^-?\d+$/.test(token) && token !== '-0' ? BigInt(token) : undefined;
    this.isFloat = whole === undefined || whole < -(2n ** 63n) || whole >= 2n ** 64n;
    this.text = this.isFloat ? floatText(readFloat(token)) : token;
  }

  get value(): number {
    return Number(this.text);
  }

  /** Within int64, else undefined. */
  get integer(): bigint | undefined {
    if (this.isFloat) return undefined;
    const value = BigInt(this.text);
    return value < 2n ** 63n ? value : undefined;
  }
}

export type Json = null | boolean | string | Num | Json[] | JsonObject;
export type JsonObject = Map<string, Json>;

export function floatText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const text = Math.abs(value) >= 1e16 ? exponential(value) : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function exponential(value: number): string {
  return value.toExponential();
}

/** Throws SyntaxError. */
export function parseJson(text: string, readFloat: (token: string) => number): Json {
  return new Parser(text, readFloat).document();
}

const WORDS: Record<string, null | boolean> = { null: null, true: true, false: false };

class Parser {
  #at = 0;
  readonly #text: string;
  readonly #readFloat: (token: string) => number;

  constructor(text: string, readFloat: (token: string) => number) {
    this.#text = text;
    this.#readFloat = readFloat;
  }

  document(): Json {
    const value = this.#value();
    if (this.#peek() !== undefined) throw this.#fail('trailing characters');
    return value;
  }

  #peek(): string | undefined {
    while (/[ \n\r\t]/.test(this.#text[this.#at] ?? '')) this.#at++;
    return this.#text[this.#at];
  }

  #value(): Json {
    const c = this.#peek();
    if (c === '{') return this.#object();
    if (c === '[') return this.#array();
    if (c === '"') return this.#string();
    const token = this.#match(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y);
    if (token !== undefined) return new Num(token, this.#readFloat);
    const word = this.#match(/null|true|false/y);
    if (word !== undefined) return WORDS[word]!;
    throw this.#fail(c === undefined ? 'EOF while parsing a value' : 'expected value');
  }

  #object(): JsonObject {
    const object: JsonObject = new Map();
    this.#at++;
    if (this.#peek() === '}') this.#at++;
    else {
      do {
        if (this.#peek() !== '"') throw this.#fail('key must be a string');
        const key = this.#string();
        if (this.#peek() !== ':') throw this.#fail('expected `:`');
        this.#at++;
        object.set(key, this.#value());
      } while (this.#more('}'));
    }
    return object;
  }

  #array(): Json[] {
    const list: Json[] = [];
    this.#at++;
    if (this.#peek() === ']') this.#at++;
    else {
      do list.push(this.#value());
      while (this.#more(']'));
    }
    return list;
  }

  #more(close: string): boolean {
    const c = this.#peek();
    if (c !== ',' && c !== close)
      throw this.#fail(c === undefined ? 'EOF while parsing a list' : `expected \`,\` or \`${close}\``);
    this.#at++;
    return c === ',';
  }

  #string(): string {
    const token = this.#match(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y);
    if (token === undefined) throw this.#fail('EOF while parsing a string');
    return token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match) this.#at += match[0].length;
    return match?.[0];
  }

  #fail(what: string): SyntaxError {
    return new SyntaxError(`${what} at line 1 column ${this.#at + 1}`);
  }
}

/** A text that stands in an answer as it is. */
export class Raw {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Printable = Json | Raw | number | undefined | Printable[] | { [key: string]: Printable };

/** Plain numbers are printed as integers; absent members are left out. */
export function printJson(value: Printable): string {
  if (value instanceof Num || value instanceof Raw) return value.text;
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(printJson).join(',')}]`;
  const members = value instanceof Map ? [...value] : Object.entries(value ?? {});
  const shown = members.filter(([, item]) => item !== undefined);
  return `{${shown.map(([key, item]) => `${JSON.stringify(key)}:${printJson(item)}`).join(',')}}`;
}

/** Plain values of JSON read from configuration, for printing. */
export function fromPlain(value: unknown): Printable {
  return new Raw(JSON.stringify(value));
}

/** The same without exactness, for configuration. */
export function toPlain(value: Json | undefined): unknown {
  if (value instanceof Num) return value.value;
  if (Array.isArray(value)) return value.map(toPlain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, toPlain(item)]));
  return value;
}
