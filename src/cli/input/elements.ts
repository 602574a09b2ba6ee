import { VdbError } from '../../model/errors.ts';
import { checkLength, type RecordText, recordText } from './recordText.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN = new Set([0x7b, 0x5b]);
const CLOSE = new Set([0x7d, 0x5d]);
const ARRAY_OPEN = 0x5b;
const ARRAY_CLOSE = 0x5d;
const SPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);

/**
 * The elements of one JSON array, or the one object there is, each as its own text: nothing is parsed, so numbers keep
 * their spelling, and nothing but the element being read is held. Throws `invalid` when brackets do not match up.
 */
export async function* elements(chunks: AsyncIterable<Buffer>): AsyncGenerator<RecordText[]> {
  let state: 'start' | 'array' | 'single' | 'end' = 'start';
  let depth = 0;
  let inString = false;
  let escaped = false;
  let number = 0;
  let afterComma = false;
  let held: Buffer[] = [];
  let heldBytes = 0;
  let found: RecordText[] = [];

  const finish = (piece: Buffer) => {
    number++;
    found.push(recordText(Buffer.concat([...held, piece]), number, `element ${number}`));
    held = [];
    heldBytes = 0;
    afterComma = false;
  };

  for await (const chunk of chunks) {
    /** Where the element being read begins in this chunk; -1 between elements. */
    let start = heldBytes > 0 ? 0 : -1;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inString = false;
        continue;
      }
      if (start < 0) {
        if (SPACE.has(byte)) continue;
        if (state === 'start' && byte === ARRAY_OPEN) {
          state = 'array';
          continue;
        }
        if (state === 'start') state = 'single';
        else if (state !== 'array') throw broken(`there is more behind the ${number === 1 ? 'object' : 'array'}`);
        if (byte === COMMA || CLOSE.has(byte)) {
          if (byte === COMMA && !afterComma && number > 0) {
            afterComma = true;
            continue;
          }
          if (byte !== ARRAY_CLOSE || afterComma) throw broken(`an element is missing behind element ${number}`);
          state = 'end';
          continue;
        }
        if (state === 'array' && number > 0 && !afterComma) throw broken(`a comma is missing behind element ${number}`);
        start = i;
      }
      if (byte === QUOTE) inString = true;
      else if (OPEN.has(byte)) depth++;
      else if (CLOSE.has(byte) && depth > 0) {
        if (--depth > 0) continue;
        finish(chunk.subarray(start, i + 1));
        start = -1;
        if (state === 'single') state = 'end';
      } else if (depth === 0 && (byte === COMMA || byte === ARRAY_CLOSE || SPACE.has(byte))) {
        finish(chunk.subarray(start, i));
        start = -1;
        if (byte === ARRAY_CLOSE) state = 'end';
        else if (byte === COMMA) afterComma = true;
      }
    }
    if (start >= 0) {
      held.push(chunk.subarray(start));
      heldBytes += chunk.length - start;
      checkLength(heldBytes, `element ${number + 1}`);
    }
    if (found.length > 0) yield found;
    found = [];
  }
  if (heldBytes > 0 || state === 'array') throw broken(`it ends within element ${number + 1}`);
}

function broken(why: string): VdbError {
  return new VdbError('invalid', `the input is not one JSON array or object: ${why}`, { reason: 'syntax' });
}
