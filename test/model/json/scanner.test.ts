import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VdbError } from '../../../src/model/errors.ts';
import { members } from '../../../src/model/json/members.ts';
import { NumberPool } from '../../../src/model/json/numberPool.ts';
import { Scanner } from '../../../src/model/json/scanner.ts';

const scanner = new Scanner();

function check(text: string): string {
  try {
    scanner.load(text).skip(0);
    scanner.finish();
    return 'fine';
  } catch (error) {
    if (!(error instanceof VdbError)) throw error;
    expect(error.code).toBe('invalid');
    expect(error.message).toMatch(/ at character \d+$|, but the text ends$|, but .* found at character \d+$/);
    return error.details.reason!;
  }
}

test.each([
  ['{"a":1,"a":2}', 'duplicate_key'],
  ['[{"x":{"\\u0061":1,"a":2}}]', 'duplicate_key'],
  [`{${Array.from({ length: 40 }, (_, i) => `"k${i}":0`).join(',')},"k7":1}`, 'duplicate_key'],
  ['[1e999]', 'not_finite'],
  ['-1e400', 'not_finite'],
  [`${'9'.repeat(400)}.0`, 'not_finite'],
  ['[18446744073709551616]', 'integer_range'],
  ['-9223372036854775809', 'integer_range'],
  ['9'.repeat(500), 'integer_range'],
  ['"\\ud800"', 'syntax'],
  ['"\ud800"', 'syntax'],
  ['"\\udc00\\ud800"', 'syntax'],
  ['{"\\udfff":1}', 'syntax'],
  ['['.repeat(65) + ']'.repeat(65), 'syntax'],
  ['18446744073709551615', 'fine'],
  ['-9223372036854775808', 'fine'],
  ['"\\ud83d\\ude00 \ud83d\ude00"', 'fine'],
  ['['.repeat(64) + ']'.repeat(64), 'fine'],
  ['{"__proto__":1,"":2}', 'fine'],
  ['1e-999', 'fine'],
])('%s is %s', (text, outcome) => expect(check(text)).toBe(outcome));

test('names the character', () => {
  expect(() => members('{"a":tru}')).toThrow('a value expected, but "t" found at character 6');
  expect(() => members('{"a":1,"b":{"c":[1,{"c":1,"c":2}]}}')).toThrow('the key "c" stands twice at character 27');
  expect(() => members('{"a":1')).toThrow('the text ends');
  expect(() => members('[1]')).toThrow('an object expected, but "[" found at character 1');
});

/** Text that is nearly JSON: what JSON.parse accepts must be accepted, and nothing else. */
const nearly = fc.oneof(
  fc.json(),
  fc.tuple(fc.json(), fc.nat(), fc.constantFrom(...'{}[]",:0-.eE\\ \n\t\u0000u1tfn'.split(''))).map(([text, at, c]) => {
    const i = at % (text.length + 1);
    return text.slice(0, i) + c + text.slice(i + (at % 2));
  }),
);

test('accepts what JSON.parse accepts, but for what it cannot see', () => {
  fc.assert(
    fc.property(nearly, text => {
      let parses = true;
      try {
        JSON.parse(text);
      } catch {
        parses = false;
      }
      const outcome = check(text);
      if (!parses) expect(outcome).not.toBe('fine');
      // Valid JSON may still be refused, but only for a reason of ours.
      else if (outcome === 'syntax') expect(text).toMatch(/[\ud800-\udfff]|\\ud/i);
    }),
    { numRuns: 3000 },
  );
});

const text = fc.string({ unit: 'grapheme' });
const scalar = fc.oneof(text, fc.integer(), fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constant(null));
const inner = fc.oneof(scalar, fc.boolean(), fc.array(scalar), fc.dictionary(text, fc.array(scalar)));

test('members stand where they say', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), inner), object => {
      const text = JSON.stringify(object, null, 1);
      const found = members(text);
      expect(found.map(member => member.key).sort()).toEqual(Object.keys(JSON.parse(text) as object).sort());
      for (const { key, start, end } of found)
        expect(JSON.parse(text.slice(start, end))).toEqual(JSON.parse(text)[key]);
    }),
  );
});

test('kinds', () => {
  const text = '{"a":null,"b":true,"c":-1,"d":1.0,"e":1e2,"f":"x","g":[1],"h":{}}';
  expect(members(text).map(member => member.kind)).toEqual([
    'null',
    'boolean',
    'integer',
    'float',
    'float',
    'string',
    'array',
    'object',
  ]);
});

const spelling = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true }).map(x => (Object.is(x, -0) ? '-0' : String(x))),
  fc.double({ noNaN: true, min: -3e38, max: 3e38 }).map(x => (Object.is(x, -0) ? '-0.0' : String(x))),
  fc.tuple(fc.bigInt(0n, 10n ** 30n), fc.nat(35), fc.boolean()).map(([digits, places, negative]) => {
    const text = String(digits).padStart(places + 1, '0');
    const at = text.length - places;
    return `${negative ? '-' : ''}${text.slice(0, at)}${places > 0 ? `.${text.slice(at)}` : ''}`;
  }),
  // Halfway between two float32, and just beside: the second rounding must not see the first.
  fc
    .tuple(fc.integer({ min: 0x3f000000, max: 0x45000000 }), fc.constantFrom('', '0', '1', '00000000001'))
    .map(([bits, tail]) => {
      const view = new DataView(new ArrayBuffer(4));
      view.setInt32(0, bits);
      const low = view.getFloat32(0);
      view.setInt32(0, bits + 1);
      const text = ((low + view.getFloat32(0)) / 2).toFixed(40).replace(/0+$/, '');
      return text + tail;
    }),
);

test('arrays of floats are the float32 nearest to the double that JSON.parse makes', () => {
  const pool = new NumberPool();
  fc.assert(
    fc.property(
      fc.array(spelling, { minLength: 1, maxLength: 8 }),
      fc.constantFrom(',', ', ', ' ,\n\t'),
      (texts, comma) => {
        for (const exact of [false, true]) {
          const text = `[${texts.join(comma)} ]`;
          scanner.load(text).open(91, 0);
          pool.used = 0;
          scanner.floats(pool, exact);
          scanner.finish();
          const expected = JSON.parse(text) as number[];
          const round = exact ? (x: number) => x : Math.fround;
          expect(Array.from(pool.values.subarray(0, pool.used), round)).toEqual(expected.map(round));
        }
      },
    ),
    { numRuns: 4000 },
  );
});

test.each(['1e39', '-1e39', '340282356779733661637539395458142568448', '1e999'])('%s is beyond float32', text => {
  const pool = new NumberPool();
  scanner.load(`[0,${text}]`).open(91, 0);
  expect(() => scanner.floats(pool)).toThrow('beyond float32 at character 4');
});

test.each(['01', '-', '1.', '.5', '+1', '1e', '1e+', '00.1', '-01.5', '1.5.', 'NaN', '"1"', 'null', '0x1', '1 2', ''])(
  'a vector with %j is refused',
  text => {
    const pool = new NumberPool();
    for (const line of [`[${text}]`, `[1,${text},2]`, `[1.25,${text}]`]) {
      expect(() => {
        if (scanner.load(line).open(91, 0)) scanner.floats(pool);
        else throw new VdbError('invalid', 'empty');
      }).toThrow(VdbError);
    }
  },
);

test('reads texts of any length, one after the other', () => {
  const long = `{"a":"${'x'.repeat(3_000_000)}"}`;
  expect(members(long)[0]!.end).toBe(long.length - 1);
  expect(members('{"a":1}')).toHaveLength(1);
  expect(members(long)).toHaveLength(1);
});
