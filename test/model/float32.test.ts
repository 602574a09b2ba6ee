import fc from 'fast-check';
import { expect, test } from 'vitest';
import { float16Bits, float16Value } from '../../src/model/float16.ts';
import { float32sText, float32Text } from '../../src/model/float32.ts';

const floats = new Float32Array(1);
const words = new Uint32Array(floats.buffer);
const anyBits = fc.integer({ min: 0, max: 0xffffffff }).map(word => {
  words[0] = word;
  return floats[0]!;
});
const embedding = fc.double({ min: -1, max: 1, noNaN: true }).map(Math.fround);
const short = fc.tuple(fc.integer({ min: -99999, max: 99999 }), fc.nat(12)).map(([n, k]) => Math.fround(n / 10 ** k));
const power = fc.tuple(fc.integer({ min: -149, max: 127 }), fc.constantFrom(1, -1)).map(([e, sign]) => sign * 2 ** e);
const float32 = fc.oneof(anyBits, embedding, short, power).filter(Number.isFinite);

function significant(text: string): number {
  const digits = text.replace(/e.*/, '').replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '');
  return Math.max(1, digits.length);
}

test('reads back to the same bits, with the fewest digits', () => {
  fc.assert(
    fc.property(float32, x => {
      const text = float32Text(x);
      expect(Object.is(Math.fround(JSON.parse(text) as number), x), text).toBe(true);
      let digits = 1;
      while (Math.fround(Number(x.toPrecision(digits))) !== x) digits++;
      expect(significant(text), text).toBeLessThanOrEqual(significant(x.toPrecision(digits)));
    }),
    { numRuns: 20_000 },
  );
});

test.each([
  [0, '0'],
  [-0, '-0'],
  [1, '1'],
  [-2.5, '-2.5'],
  [Math.fround(0.1), '0.1'],
  [Math.fround(1e-7), '1e-7'],
  [Math.fround(1e-6), '0.000001'],
  [Math.fround(3.4028235e38), '3.4028235e+38'],
  [Math.fround(1e-45), '1e-45'],
  [16777216, '16777216'],
  [Math.fround(123456789), '123456790'],
  [Math.fround(1e20), '1e+20'],
])('%d is %s', (x, text) => expect(float32Text(x)).toBe(text));

test('many at once are the same, joined', () => {
  fc.assert(
    fc.property(fc.array(float32, { maxLength: 2000 }), list => {
      const values = Float32Array.from(list);
      const cut = values.length >> 1;
      expect(float32sText(values, cut, values.length)).toBe(list.slice(cut).map(float32Text).join(','));
    }),
    { numRuns: 50 },
  );
});

test.each([Number.NaN, Infinity, -Infinity])('%d is refused', x =>
  expect(() => float32Text(x)).toThrow('NaN or infinite'),
);

test('every float16 keeps its bits, and nothing else has any', () => {
  for (let half = 0; half < 0x10000; half++) {
    const value = float16Value(half);
    const expected = (half & 0x7c00) === 0x7c00 ? -1 : half;
    expect(float16Bits(value)).toBe(expected);
    if (expected >= 0) expect(float16Bits(Math.fround(Number(float32Text(value))))).toBe(half);
  }
  for (const x of [0.1, 65520, 2049, 2 ** -25, 1e-8, 1e38]) expect(float16Bits(Math.fround(x))).toBe(-1);
});
