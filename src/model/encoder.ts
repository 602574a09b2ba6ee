import { VdbError } from './errors.ts';
import { Scanner } from './json/scanner.ts';

/** Tags of the encoding of data.md §5. */
export const TAG = {
  absent: 0,
  null: 1,
  false: 2,
  true: 3,
  integer: 4,
  float: 5,
  string: 6,
  array: 7,
  object: 8,
  bytes: 9,
  date: 10,
} as const;

/** Tag byte and length. */
const HEADER = 5;
const DATE_KEY = Buffer.from('$date');
const BYTES_KEY = Buffer.from('$bytes');

/**
 * Writes enc() into one buffer that is used again and again. Every value is its tag, u32 LE count of content bytes, content;
 * arrays and objects concatenate the enc of their members. `start`/`end` bracket a container.
 */
export class Encoder {
  buffer = Buffer.allocUnsafe(64 * 1024);
  length = 0;
  #spare = Buffer.allocUnsafe(0);
  readonly #scanner = new Scanner();
  /** Of the objects being written, the starts of their members in the buffer. */
  readonly #members: number[] = [];
  readonly #float = new DataView(new ArrayBuffer(8));
  readonly #floatBytes = new Uint8Array(this.#float.buffer);

  clear(): this {
    this.length = 0;
    return this;
  }

  /** What was written since `clear`; valid until the next write. */
  bytes(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  /** Begins a container; give the result to `end`. */
  start(tag: number): number {
    this.#reserve(HEADER);
    const at = this.length;
    this.buffer[at] = tag;
    this.length = at + HEADER;
    return at;
  }

  end(start: number): void {
    this.#setLength(start);
  }

  absent(): void {
    this.#empty(TAG.absent);
  }

  text(tag: number, text: string): void {
    this.#reserve(HEADER + text.length * 3);
    const start = this.length;
    const buffer = this.buffer;
    buffer[start] = tag;
    let at = start + HEADER;
    if (text.length < 24) {
      for (let i = 0; i < text.length; i++) {
        const c = text.charCodeAt(i);
        if (c > 127) {
          at = start + HEADER + buffer.write(text, start + HEADER, 'utf8');
          break;
        }
        buffer[at++] = c;
      }
    } else at += buffer.write(text, at, 'utf8');
    this.length = at;
    this.#setLength(start);
  }

  id(id: string | bigint): void {
    if (typeof id === 'bigint') this.text(TAG.integer, id.toString());
    else this.text(TAG.string, id);
  }

  /** Bytes from … to-1 as content of `tag`, or with `tag` null as part of the container. */
  raw(tag: number | null, bytes: Uint8Array, from = 0, to = bytes.length): void {
    this.#reserve(HEADER + to - from);
    const start = this.length;
    if (tag !== null) {
      this.buffer[start] = tag;
      this.length += HEADER;
    }
    this.length = copyBytes(bytes, from, to, this.buffer, this.length);
    if (tag !== null) this.#setLength(start);
  }

  /** A record's metadata: the text of an object, undefined for the empty one. Throws `invalid` for other text. */
  metadata(text: string | undefined): void {
    if (text === undefined) {
      this.#empty(TAG.object);
      return;
    }
    this.#scanner.load(text);
    if (this.#scanner.peek() !== 123) throw new VdbError('invalid', 'metadata is not a JSON object');
    // Always an object, whatever its only key is called.
    this.#object(0);
    this.#scanner.finish();
  }

  #value(depth: number): void {
    const scanner = this.#scanner;
    const c = scanner.peek();
    const start = this.length;
    if (c === 34) this.#string();
    else if (c === 45 || (c >= 48 && c <= 57)) this.#number();
    else if (c === 123) {
      if (this.#object(depth) === 1) this.#unwrap(start);
    } else if (c === 91) {
      this.start(TAG.array);
      if (scanner.open(91, depth)) {
        do this.#value(depth + 1);
        while (scanner.more(93));
      }
      this.#setLength(start);
    } else {
      const word = scanner.literal();
      this.#empty(word === 'null' ? TAG.null : word === 'true' ? TAG.true : TAG.false);
    }
  }

  #string(): void {
    this.#scanner.string();
    this.text(TAG.string, this.#scanner.value());
  }

  #number(): void {
    const scanner = this.#scanner;
    const kind = scanner.number();
    const token = scanner.token();
    if (kind === 'integer') this.text(TAG.integer, token === '-0' ? '0' : token);
    else {
      this.#float.setFloat64(0, Number(token));
      this.raw(TAG.float, this.#floatBytes);
    }
  }

  /** Members as they come, put in order afterwards if they are not. Returns how many. */
  #object(depth: number): number {
    const scanner = this.#scanner;
    const start = this.start(TAG.object);
    const members = this.#members;
    const base = members.length;
    let ascending = true;
    if (scanner.open(123, depth)) {
      do {
        const at = this.length;
        scanner.peek();
        this.#string();
        scanner.colon();
        if (members.length > base && this.#compareKeys(members[members.length - 1]!, at) >= 0) ascending = false;
        members.push(at);
        this.#value(depth + 1);
      } while (scanner.more(125));
    }
    const count = members.length - base;
    if (!ascending) this.#sort(members.slice(base));
    members.length = base;
    this.#setLength(start);
    return count;
  }

  #sort(starts: number[]): void {
    const from = starts[0]!;
    const end = this.length;
    const order = starts.map((_, i) => i);
    order.sort((a, b) => {
      const difference = this.#compareKeys(starts[a]!, starts[b]!);
      if (difference === 0 && a !== b)
        throw new VdbError('invalid', 'metadata holds a key twice', { reason: 'duplicate_key' });
      return difference;
    });
    if (this.#spare.length < end - from) this.#spare = Buffer.allocUnsafe(this.buffer.length);
    let at = 0;
    for (const i of order) at = copyBytes(this.buffer, starts[i]!, starts[i + 1] ?? end, this.#spare, at);
    copyBytes(this.#spare, 0, at, this.buffer, from);
  }

  /** Order of the keys (strings with their headers) at two places, by their bytes. */
  #compareKeys(a: number, b: number): number {
    const buffer = this.buffer;
    const lengthA = buffer.readUInt32LE(a + 1);
    const lengthB = buffer.readUInt32LE(b + 1);
    for (let i = HEADER; i < HEADER + Math.min(lengthA, lengthB); i++) {
      const order = buffer[a + i]! - buffer[b + i]!;
      if (order !== 0) return order;
    }
    return lengthA - lengthB;
  }

  /** Turns a nested `{"$date":text}` or `{"$bytes":base64}`, just written, into what it stands for. */
  #unwrap(start: number): void {
    const key = start + HEADER;
    const isDate = this.#isKey(key, DATE_KEY);
    if (!isDate && !this.#isKey(key, BYTES_KEY)) return;
    const value = key + HEADER + (isDate ? DATE_KEY : BYTES_KEY).length;
    if (this.buffer[value] !== TAG.string) return;
    const content = value + HEADER;
    if (isDate) {
      this.buffer[start] = TAG.date;
      this.buffer.copyWithin(start + HEADER, content, this.length);
      this.length -= content - start - HEADER;
      this.#setLength(start);
      return;
    }
    const text = this.buffer.toString('latin1', content, this.length);
    const bytes = Buffer.from(text, 'base64');
    // Only the canonical spelling: another one would not survive a store that keeps the bytes.
    if (bytes.toString('base64') !== text) return;
    this.length = start;
    this.raw(TAG.bytes, bytes);
  }

  #isKey(at: number, key: Buffer): boolean {
    const from = at + HEADER;
    return (
      this.buffer.readUInt32LE(at + 1) === key.length &&
      this.buffer.compare(key, 0, key.length, from, from + key.length) === 0
    );
  }

  #empty(tag: number): void {
    this.#setLength(this.start(tag));
  }

  #setLength(start: number): void {
    const buffer = this.buffer;
    const length = this.length - start - HEADER;
    buffer[start + 1] = length;
    buffer[start + 2] = length >>> 8;
    buffer[start + 3] = length >>> 16;
    buffer[start + 4] = length >>> 24;
  }

  #reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.length + bytes));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }
}

/** Copies bytes from … to-1, returns the end of the copy. A loop is faster than the call while they are few. */
function copyBytes(source: Uint8Array, from: number, to: number, target: Uint8Array, at: number): number {
  if (to - from > 64) target.set(source.subarray(from, to), at);
  else for (let i = from; i < to; i++) target[at + i - from] = source[i]!;
  return at + to - from;
}
