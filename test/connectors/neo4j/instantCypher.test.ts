import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ISO } from '../../../src/connectors/neo4j/instantCypher.ts';
import { instant } from '../../../src/model/filter/instant.ts';

const whole = new RegExp(`^(?:${ISO})$`);
const two = fc.integer({ min: 0, max: 65 }).map(n => String(n).padStart(2, '0'));
const year = fc.oneof(
  fc.constantFrom('0000', '1900', '2000', '2023', '2024'),
  fc.integer({ min: 0, max: 9999 }).map(n => String(n).padStart(4, '0')),
);

test('the pattern takes the texts that are instants, and no other', () => {
  const date = fc.tuple(year, two, two).map(parts => parts.join('-'));
  const zone = fc.oneof(
    fc.constantFrom('', 'Z', 'z', '+'),
    fc.tuple(fc.constantFrom('+', '-'), two, fc.constantFrom('', ':'), two).map(parts => parts.join('')),
  );
  const seconds = fc.oneof(
    fc.constant(''),
    two.map(s => `:${s}`),
    fc.tuple(two, fc.integer({ min: 0, max: 10 ** 10 })).map(([s, f]) => `:${s}.${f}`),
  );
  const time = fc.tuple(two, two, seconds, zone).map(([h, m, s, z]) => `T${h}:${m}${s}${z}`);
  const text = fc.tuple(date, fc.oneof(fc.constant(''), time)).map(parts => parts.join(''));
  fc.assert(
    fc.property(text, each => {
      expect(whole.test(each), each).toBe(instant(each) !== undefined);
    }),
    { numRuns: 5_000 },
  );
});
