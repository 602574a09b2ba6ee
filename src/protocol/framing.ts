import { VdbError } from '../model/errors.ts';

/** One frame is one JSON text and a line feed, in UTF-8, at most this long. */
export const FRAME_BYTES = 8 * 1024 * 1024;
/** How deep arrays and objects may nest. JSON.parse takes millions of levels, but JSON.stringify fails at about 5,000. */
export const FRAME_DEPTH = 64;

const LINE_FEED = 10;

export function encodeFrame(message: object): Buffer {
  return frameOf(JSON.stringify(message));
}

/** A frame of JSON text that is encoded already. Throws VdbError `invalid`, reason `too_large`. */
export function frameOf(json: string): Buffer {
  const frame = Buffer.from(`${json}\n`);
  if (frame.length > FRAME_BYTES) {
    throw new VdbError('invalid', `a message of ${frame.length} bytes exceeds the limit of ${FRAME_BYTES} bytes`, {
      reason: 'too_large',
    });
  }
  return frame;
}

/**
 * Bytes in, JSON values out. Chunks are kept as bytes until a frame is whole, so a character cut in two survives;
 * more than `limit` bytes without a line feed are refused before they are kept.
 * Every error is a VdbError `protocol` that quotes nothing of the input; the decoder cannot be used after one.
 */
export class FrameDecoder {
  /** May be changed between two frames. */
  limit: number;
  #parts: Buffer[] = [];
  #length = 0;
  // A BOM is not JSON: keep it, so that JSON.parse refuses it.
  readonly #text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  constructor(limit: number = FRAME_BYTES) {
    this.limit = limit;
  }

  /** Bytes of a frame that has not ended yet. */
  get pending(): number {
    return this.#length;
  }

  /** The frames that `chunk` completes. Consume them all before the next chunk. */
  *push(chunk: Buffer): Generator<unknown, void, void> {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      const bytes = this.#take(chunk.subarray(start, end));
      start = end + 1;
      if (bytes.length > 0) yield this.#parse(bytes);
    }
    if (start === chunk.length) return;
    this.#check(chunk.length - start);
    this.#parts.push(start === 0 ? chunk : chunk.subarray(start));
    this.#length += chunk.length - start;
  }

  #take(last: Buffer): Buffer {
    this.#check(last.length);
    if (this.#length === 0) return last;
    this.#parts.push(last);
    const whole = Buffer.concat(this.#parts, this.#length + last.length);
    this.#parts = [];
    this.#length = 0;
    return whole;
  }

  #check(more: number): void {
    if (this.#length + more >= this.limit) {
      throw new VdbError('protocol', `a message exceeds ${this.limit} bytes`, { reason: 'too_large' });
    }
  }

  #parse(bytes: Buffer): unknown {
    let value: unknown;
    try {
      value = JSON.parse(this.#text.decode(bytes));
    } catch {
      // The error of JSON.parse quotes its input, which may hold a secret.
      throw new VdbError('protocol', 'a message is not JSON in UTF-8', { reason: 'syntax' });
    }
    checkShape(value, 1);
    return value;
  }
}

function checkShape(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > FRAME_DEPTH) {
    throw new VdbError('protocol', `a message nests deeper than ${FRAME_DEPTH} levels`, { reason: 'bad_answer' });
  }
  if (Array.isArray(value)) {
    for (const member of value) checkShape(member, depth + 1);
    return;
  }
  for (const key in value) {
    if (key === '__proto__')
      throw new VdbError('protocol', 'a message holds the key __proto__', { reason: 'bad_answer' });
    checkShape((value as Record<string, unknown>)[key], depth + 1);
  }
}
