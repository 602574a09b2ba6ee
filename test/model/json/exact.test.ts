import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Exact, parseExact, printExact } from '../../../src/model/json/exact.ts';

const wellFormed = fc.string({ unit: 'binary' });
const leaf = fc.oneof(
  fc.constantFrom<Exact>(
    null,
    true,
    false,
    2n ** 64n - 1n,
    -(2n ** 63n),
    2n ** 63n,
    0n,
    1,
    1n,
    0,
    -0,
    1e21,
    1.5e300,
    5e-324,
  ),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  wellFormed,
);
const { value } = fc.letrec<{ value: Exact }>(tie => ({
  value: fc.oneof(
    { maxDepth: 6 },
    leaf,
    fc.array(tie('value'), { maxLength: 5 }),
    fc
      .array(fc.tuple(fc.oneof(wellFormed, fc.constantFrom('__proto__', '', 'constructor', '\0')), tie('value')), {
        maxLength: 15,
      })
      .map(entries => new Map(entries)),
  ),
}));

test('print and parse are inverse', () => {
  fc.assert(
    fc.property(value, original => {
      const text = printExact(original);
      const parsed = parseExact(text);
      expect(parsed).toEqual(original);
      expect(printExact(parsed)).toBe(text);
      expect(text).not.toMatch(/[\n\r]/);
      JSON.parse(text);
    }),
    { numRuns: 1500 },
  );
});

test.each<[string, Exact]>([
  ['1', 1n],
  ['1.0', 1],
  ['-0', 0n],
  ['-0.0', -0],
  ['1e21', 1e21],
  ['1.5E+300', 1.5e300],
  ['18446744073709551615', 2n ** 64n - 1n],
  ['"\\u0000"', '\0'],
  [
    ' { "__proto__" : [ ] , "" : { } } ',
    new Map<string, Exact>([
      ['__proto__', []],
      ['', new Map()],
    ]),
  ],
])('%s', (text, expected) => expect(parseExact(text)).toEqual(expected));

test.each<[number, string]>([
  [1, '1.0'],
  [-0, '-0.0'],
  [1e21, '1e+21'],
  [1e20, '100000000000000000000.0'],
  [0.1, '0.1'],
])('%d prints as %s', (number, text) => expect(printExact(number)).toBe(text));

test.each<[Exact, string]>([
  [Number.NaN, 'not a JSON number'],
  [-Infinity, 'not a JSON number'],
  [2n ** 64n, 'outside of'],
  ['\ud800', 'surrogate'],
  [new Map([['\udc00', null]]), 'surrogate'],
])('refuses to print %o', (bad, message) => expect(() => printExact(bad)).toThrow(message));

test('depth 64 and no more', () => {
  const nest = (depth: number): Exact => (depth === 0 ? null : [nest(depth - 1)]);
  expect(parseExact(printExact(nest(64)))).toEqual(nest(64));
  expect(() => printExact(nest(65))).toThrow('nested');
  expect(() => parseExact('['.repeat(65) + ']'.repeat(65))).toThrow('nested');
});

test.each([
  '',
  ' ',
  '1 2',
  '[1,]',
  '{"a"}',
  '{a:1}',
  "'a'",
  '01',
  'nul',
  '"\u0001"',
  '"\\x"',
  '\ufeff1',
  '{"a":1,"a":1}',
  '1e999',
  '"\\ud800"',
  '-',
])('refuses %j', text => expect(() => parseExact(text)).toThrow(expect.objectContaining({ code: 'invalid' })));
