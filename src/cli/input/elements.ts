import { VdbError } from '../../model/errors.ts';
import { checkLength, type RecordText, recordText } from './recordText.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const ARRAY_OPEN = 0x5b;
const BACKSLASH = 0x5c;
const ARRAY_CLOSE = 0x5d;
const OBJECT_OPEN = 0x7b;
const OBJECT_CLOSE = 0x7d;

/**
 * The elements of one JSON array, or the one object there is, each as its own text: nothing is parsed, so numbers keep
 * their spelling, and nothing but the element being read is held. Throws `invalid` when brackets and commas do not match
 * up, after the elements before were given.
 */
export async function* elements(chunks: AsyncIterable<Buffer>): AsyncGenerator<RecordText[]> {
  const cutter = new ElementCutter();
  for await (const chunk of chunks) {
    const { found, fault } = cutter.push(chunk);
    if (found.length > 0) yield found;
    if (fault) throw fault;
  }
  cutter.end();
}

class ElementCutter {
  #where: 'start' | 'array' | 'object' | 'end' = 'start';
  /** Elements finished. */
  #number = 0;
  #afterComma = false;
  /** The element being read, as far as earlier chunks held it. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #within = false;
  #depth = 0;
  #inString = false;
  #escaped = false;

  push(chunk: Buffer): { found: RecordText[]; fault?: unknown } {
    const found: RecordText[] = [];
    try {
      let start = 0;
      for (let i = 0; i < chunk.length; i++) {
        const byte = chunk[i]!;
        if (!this.#within) {
          if (!this.#begins(byte)) continue;
          this.#within = true;
          start = i;
        }
        const ends = this.#ends(byte);
        if (ends === 'no') continue;
        found.push(this.#take(chunk.subarray(start, ends === 'behind' ? i + 1 : i)));
        if (ends === 'before') this.#begins(byte);
      }
      if (this.#within) this.#hold(chunk.subarray(start));
    } catch (fault) {
      return { found, fault };
    }
    return { found };
  }

  end(): void {
    if (this.#within || this.#where === 'array') throw broken(`it ends within element ${this.#number + 1}`);
  }

  /** Whether an element begins with this byte, which stands between elements. */
  #begins(byte: number): boolean {
    if (isSpace(byte)) return false;
    if (this.#where === 'end') throw broken('there is more behind its end');
    if (this.#where === 'start') {
      this.#where = byte === ARRAY_OPEN ? 'array' : 'object';
      return this.#where === 'object';
    }
    if (byte === COMMA || byte === ARRAY_CLOSE) {
      const missing = byte === COMMA ? this.#afterComma || this.#number === 0 : this.#afterComma;
      if (missing) throw broken(`an element is missing behind element ${this.#number}`);
      if (byte === COMMA) this.#afterComma = true;
      else this.#where = 'end';
      return false;
    }
    if (this.#number > 0 && !this.#afterComma) throw broken(`a comma is missing behind element ${this.#number}`);
    return true;
  }

  /** Whether the element being read ends before this byte, or with it. */
  #ends(byte: number): 'no' | 'before' | 'behind' {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) this.#inString = false;
      return 'no';
    }
    if (byte === QUOTE) this.#inString = true;
    else if (byte === OBJECT_OPEN || byte === ARRAY_OPEN) this.#depth++;
    else if (this.#depth === 0) return byte === COMMA || byte === ARRAY_CLOSE || isSpace(byte) ? 'before' : 'no';
    else if ((byte === OBJECT_CLOSE || byte === ARRAY_CLOSE) && --this.#depth === 0) return 'behind';
    return 'no';
  }

  #take(piece: Buffer): RecordText {
    const bytes = Buffer.concat([...this.#held, piece]);
    this.#held = [];
    this.#heldBytes = 0;
    this.#within = false;
    this.#afterComma = false;
    this.#number++;
    if (this.#where === 'object') this.#where = 'end';
    return recordText(bytes, this.#number, `element ${this.#number}`);
  }

  #hold(piece: Buffer): void {
    this.#held.push(piece);
    this.#heldBytes += piece.length;
    checkLength(this.#heldBytes, this.#number + 1, `element ${this.#number + 1}`);
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function broken(why: string): VdbError {
  return new VdbError('invalid', `the input is not one JSON array or object: ${why}`, { reason: 'syntax' });
}
