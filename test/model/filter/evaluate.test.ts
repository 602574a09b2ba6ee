import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matcher } from '../../../src/model/filter/evaluate.ts';
import type { Filter } from '../../../src/model/filter/filter.ts';
import { formatFilter } from '../../../src/model/filter/format.ts';
import { instant } from '../../../src/model/filter/instant.ts';
import { parseFilter } from '../../../src/model/filter/parse.ts';
import { anyFilter, ORACLE_RECORDS } from '../../contract/filterSamples.ts';
import { naiveMatch } from './naive.ts';

const matches = (where: string, metadata?: string): boolean => matcher(parseFilter(where))('x', metadata);
const answers = (filter: Filter): boolean[] => {
  const match = matcher(filter);
  return ORACLE_RECORDS.map(([id, metadata]) => match(id, metadata));
};

describe('matcher', () => {
  test('a predicate on a missing or null field is false, and its negation true', () => {
    for (const predicate of ['a = 1', 'a < 1', 'a in (1)', 'a has 1', 'a exists', 'a ~ ""', 'a.b = 1']) {
      for (const metadata of [undefined, '{}', '{"a":null}', '{"b":1}']) {
        expect(matches(predicate, metadata), `${predicate} on ${metadata}`).toBe(false);
        expect(matches(`not ${predicate}`, metadata)).toBe(true);
      }
    }
  });

  test('numbers compare by exact value', () => {
    expect(matches('a = 9007199254740993', '{"a":9007199254740992.0}')).toBe(false);
    expect(matches('a < 9007199254740993', '{"a":9007199254740992.0}')).toBe(true);
    expect(matches('a in (9007199254740993)', '{"a":9007199254740992.0}')).toBe(false);
    expect(matches('a = 18446744073709551615', '{"a":18446744073709551615}')).toBe(true);
    expect(matches('a = 18446744073709551615', '{"a":18446744073709551616.0}')).toBe(false);
    expect(matches('a = 1e3', '{"a":1000}')).toBe(true);
    expect(matches('a = 0', '{"a":-0.0}')).toBe(true);
    expect(matches('a in (-0.0)', '{"a":0}')).toBe(true);
    expect(matches('a > 0', '{"a":5e-324}')).toBe(true);
  });

  test('strings compare by code point', () => {
    // U+FFEE comes before U+1F600, whose UTF-16 begins with D83D.
    expect(matches('a > "\\uffee"', '{"a":"\u{1f600}"}')).toBe(true);
    expect(matches('a < "\\uffee"', '{"a":"\\ud7ff"}')).toBe(true);
    expect(matches('a > "a"', '{"a":"ab"}')).toBe(true);
    expect(matches('a > "a"', '{"a":"B"}')).toBe(false);
    expect(matches('a = "é"', '{"a":"e\u0301"}')).toBe(false);
  });

  test('arrays match by any element, one level; has wants an array', () => {
    expect(matches('a = 1', '{"a":[0,1]}')).toBe(true);
    expect(matches('a = 1', '{"a":[[1]]}')).toBe(false);
    expect(matches('a.b = 1', '{"a":[{"b":1}]}')).toBe(false);
    expect(matches('a has 1', '{"a":1}')).toBe(false);
    expect(matches('a has 1', '{"a":[1.0]}')).toBe(true);
    expect(matches('not a < 5', '{"a":[1,9]}')).toBe(false);
    expect(matches('a exists', '{"a":[]}')).toBe(true);
  });

  test('dates compare by instant with dates and ISO text, and text with text as text', () => {
    const date = '{"a":{"$date":"2024-01-31T12:00:00Z"}}';
    expect(matches('a = "2024-01-31T14:00:00+02:00"', date)).toBe(true);
    expect(matches('a = @2024-01-31T12:00', date)).toBe(true);
    expect(matches('a > "2024-01-31"', date)).toBe(true);
    expect(matches('a < "2024-01-31T12:00:00.000000001Z"', date)).toBe(true);
    expect(matches('a in ("x", "2024-01-31T12:00Z")', date)).toBe(true);
    expect(matches('a > "yesterday"', date)).toBe(false);
    expect(matches('a = "2024-01-31T12:00Z"', '{"a":"2024-01-31T12:00:00Z"}')).toBe(false);
    expect(matches('a = @2024-01-31T12:00Z', '{"a":"2024-01-31T12:00:00Z"}')).toBe(true);
    expect(matches('a exists', date)).toBe(true);
  });

  test('ids and metadata fields named id are told apart', () => {
    const match = matcher(parseFilter('id = 7'));
    expect([match(7n, undefined), match('7', undefined), match('x', '{"id":7}')]).toEqual([true, false, false]);
    expect(matches('`id` = 7', '{"id":7}')).toBe(true);
  });

  test('any key is a key', () => {
    for (const key of ['__proto__', 'constructor', '', 'a.b', 'a`b', '$date']) {
      const filter: Filter = { op: 'eq', field: [key], value: 1n };
      expect(matcher(filter)('x', `{${JSON.stringify(key)}:1}`), key).toBe(true);
      expect(matcher(filter)('x', '{}'), key).toBe(false);
    }
  });

  test('the answer is that of an independent reading of the semantics', () => {
    fc.assert(
      fc.property(anyFilter(), filter => {
        const naive = ORACLE_RECORDS.map(([id, metadata]) => naiveMatch(filter, id, metadata));
        expect(answers(filter), formatFilter(filter)).toEqual(naive);
      }),
      { numRuns: 1500 },
    );
  });

  test('NOT is complement, and De Morgan holds', () => {
    const not = (arg: Filter): Filter => ({ op: 'not', arg });
    fc.assert(
      fc.property(anyFilter(), anyFilter(), (a, b) => {
        expect(answers(not(a))).toEqual(answers(a).map(answer => !answer));
        expect(answers(not({ op: 'and', args: [a, b] }))).toEqual(answers({ op: 'or', args: [not(a), not(b)] }));
        expect(answers(not({ op: 'or', args: [a, b] }))).toEqual(answers({ op: 'and', args: [not(a), not(b)] }));
      }),
      { numRuns: 300 },
    );
  });
});

test.each([
  ['1970-01-01', 0n],
  ['1970-01-01T00:00:00.000000001Z', 1n],
  ['1969-12-31T23:59:59.5Z', -500_000_000n],
  ['1970-01-01T01:00:00+01:00', 0n],
  ['1970-01-01T00:00-0130', 5_400_000_000_000n],
  ['0001-01-01T00:00:00Z', -62_135_596_800_000_000_000n],
  ['2024-02-30', undefined],
  ['2024-01-01T24:00:00Z', undefined],
  ['2024-01-01 00:00:00Z', undefined],
  ['2024-01', undefined],
  ['24-01-01', undefined],
])('the instant of %s', (text, expected) => {
  expect(instant(text)).toBe(expected);
});
