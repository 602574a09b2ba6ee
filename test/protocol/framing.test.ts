import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VdbError } from '../../src/model/errors.ts';
import { encodeFrame, FRAME_BYTES, FrameDecoder, frameOf } from '../../src/protocol/framing.ts';

/** The values in `bytes`, handed over in pieces cut at `cuts`. */
function decode(bytes: Buffer, cuts: number[] = [], limit = FRAME_BYTES): unknown[] {
  const decoder = new FrameDecoder(limit);
  const places = [...new Set(cuts.map(cut => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const values: unknown[] = [];
  let start = 0;
  for (const end of [...places, bytes.length]) {
    values.push(...decoder.push(bytes.subarray(start, end)));
    start = end;
  }
  return values;
}

function refusal(bytes: Buffer, limit?: number): VdbError {
  try {
    decode(bytes, [], limit);
  } catch (error) {
    expect(error).toBeInstanceOf(VdbError);
    return error as VdbError;
  }
  throw new Error('it was taken');
}

test('any messages survive any cutting of their bytes', () => {
  const message = fc.dictionary(
    fc.string({ unit: 'grapheme' }).filter(key => key !== '__proto__'),
    fc.jsonValue({ maxDepth: 4, noUnicodeString: false }),
  );
  fc.assert(
    fc.property(fc.array(message, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 20 }), (messages, cuts) => {
      const shown = JSON.parse(JSON.stringify(messages));
      expect(JSON.stringify(decode(Buffer.concat(messages.map(encodeFrame)), cuts))).toBe(JSON.stringify(shown));
    }),
  );
});

test('random bytes end in a VdbError that quotes nothing, or in values', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.array(fc.nat(), { maxLength: 5 }), (bytes, cuts) => {
      try {
        decode(Buffer.concat([bytes, Buffer.from('\n')]), cuts);
      } catch (error) {
        expect(error).toMatchObject({ code: 'protocol' });
        expect((error as VdbError).message).toMatch(/^a message (is not JSON in UTF-8|nests deeper|holds the key)/);
      }
    }),
    { numRuns: 2000 },
  );
});

test('a character cut in two arrives whole, and broken UTF-8 is never repaired', () => {
  const bytes = encodeFrame({ text: 'żółć 漢字 🦆' });
  for (let cut = 0; cut <= bytes.length; cut++) expect(decode(bytes, [cut])).toEqual([{ text: 'żółć 漢字 🦆' }]);
  const broken = [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf0, 0x9f]];
  for (const bad of broken) {
    expect(refusal(Buffer.concat([Buffer.from('{"a":"'), Buffer.from(bad), Buffer.from('"}\n')])).details.reason).toBe(
      'syntax',
    );
  }
});

test('a lone surrogate written as an escape comes back as it was', () => {
  const text = '\ud800';
  expect(encodeFrame({ text }).toString()).toBe('{"text":"\\ud800"}\n');
  expect(decode(encodeFrame({ text }))).toEqual([{ text }]);
});

test('a BOM or a NUL before a message is refused, CRLF and blank lines are not', () => {
  expect(refusal(Buffer.from('\ufeff{}\n')).details.reason).toBe('syntax');
  expect(refusal(Buffer.from('\0{}\n')).details.reason).toBe('syntax');
  expect(decode(Buffer.from('{"a":1}\r\n\n{"b":2}\n'))).toEqual([{ a: 1 }, { b: 2 }]);
});

test('nesting stops at 64 levels, however deep it goes', () => {
  const nested = (depth: number) => Buffer.from(`${'['.repeat(depth)}${']'.repeat(depth)}\n`);
  expect(decode(nested(64))).toHaveLength(1);
  expect(refusal(nested(65)).message).toContain('deeper than 64');
  expect(refusal(nested(100_000)).message).toContain('deeper than 64');
});

test('the key __proto__ is refused at any depth', () => {
  expect(refusal(Buffer.from('{"a":[{"__proto__":{"x":1}}]}\n')).message).toContain('__proto__');
});

test('a frame is at most 8 MiB, line feed included, in both directions', () => {
  const fits = `"${'x'.repeat(FRAME_BYTES - 3)}"`;
  expect(decode(frameOf(fits))).toHaveLength(1);
  expect(() => frameOf(`${fits} `)).toThrow(VdbError);
  expect(refusal(Buffer.from(`${fits} \n`)).details.reason).toBe('too_large');
});

test('a frame that does not end is refused as soon as it is too long, not when it ends', () => {
  const decoder = new FrameDecoder();
  const piece = Buffer.alloc(65_536, 'x');
  let kept = 0;
  expect(() => {
    for (; kept < 2 * FRAME_BYTES; kept += piece.length)
      for (const _ of decoder.push(piece)) throw new Error('a frame');
  }).toThrow('exceeds 8388608 bytes');
  expect(kept).toBeLessThan(FRAME_BYTES);
  expect(decoder.pending).toBeLessThan(FRAME_BYTES);
});

test('the limit may be raised between two frames of one chunk', () => {
  const decoder = new FrameDecoder(10);
  const frames = decoder.push(Buffer.from('{"a":1}\n{"long":"0123456789"}\n'));
  expect(frames.next().value).toEqual({ a: 1 });
  decoder.limit = 100;
  expect(frames.next().value).toEqual({ long: '0123456789' });
});
