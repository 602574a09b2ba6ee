import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VdbError } from '../../../src/model/errors.ts';
import type { Filter } from '../../../src/model/filter/filter.ts';
import { formatFilter } from '../../../src/model/filter/format.ts';
import { formatFilterJson } from '../../../src/model/filter/formatJson.ts';
import { parseFilter } from '../../../src/model/filter/parse.ts';
import { anyTree } from './anyTree.ts';

const eq = (name: string, value: string | bigint | number | boolean): Filter => ({ op: 'eq', field: [name], value });

/** Infix, JSON, tree. */
const SAME: [string, string, Filter][] = [
  ['a = 1', '{"a":1}', eq('a', 1n)],
  ['a = 1.0', '{"a":{"$eq":1.0}}', eq('a', 1)],
  ["a = 'it''s'".replace("''", "\\'"), '{"a":"it\'s"}', eq('a', "it's")],
  ['a = "\\u00e9\\n\\\\"', '{"a":"\\u00e9\\n\\\\"}', eq('a', 'é\n\\')],
  ['price != 5', '{"price":{"$ne":5}}', { op: 'not', arg: eq('price', 5n) }],
  ['a not in (1, "x")', '{"a":{"$nin":[1,"x"]}}', { op: 'not', arg: { op: 'in', field: ['a'], values: [1n, 'x'] } }],
  ['a IS NULL', '{"a":{"$exists":false}}', { op: 'not', arg: { op: 'exists', field: ['a'] } }],
  ['a is not null', '{"a":{"$exists":true}}', { op: 'exists', field: ['a'] }],
  ['a has TRUE', '{"a":{"$has":true}}', { op: 'has', field: ['a'], value: true }],
  ['a ~ "x"', '{"a":{"$contains":"x"}}', { op: 'contains', field: ['a'], value: 'x' }],
  ['id = 7', '{"$id":7}', { op: 'ids', ids: [7n] }],
  ['id not in ("a", 7)', '{"$id":{"$nin":["a",7]}}', { op: 'not', arg: { op: 'ids', ids: ['a', 7n] } }],
  ['`id` = 7', '{"id":7}', eq('id', 7n)],
  ['a.`b.c`.d = 1', '{"a.b\\\\.c.d":1}', { op: 'eq', field: ['a', 'b.c', 'd'], value: 1n }],
  ['`$x` = 1', '{"\\\\$x":1}', eq('$x', 1n)],
  ['`` = 1', '{"":1}', eq('', 1n)],
  ['`a``b` = 1', '{"a`b":1}', eq('a`b', 1n)],
  [
    'd < @2024-01-31',
    '{"d":{"$lt":{"$date":"2024-01-31"}}}',
    { op: 'lt', field: ['d'], value: { date: '2024-01-31' } },
  ],
  [
    'a = 1 or b = 2 and not c = 3',
    '{"$or":[{"a":1},{"b":2,"$not":{"c":3}}]}',
    {
      op: 'or',
      args: [eq('a', 1n), { op: 'and', args: [eq('b', 2n), { op: 'not', arg: eq('c', 3n) }] }],
    },
  ],
  [
    'a >= 1 AND a < 9',
    '{"a":{"$gte":1,"$lt":9}}',
    {
      op: 'and',
      args: [
        { op: 'gte', field: ['a'], value: 1n },
        { op: 'lt', field: ['a'], value: 9n },
      ],
    },
  ],
];

/** Text, what the message names, the caret's column in the picture, part of the hint. */
const WRONG: [string, RegExp, number, RegExp?][] = [
  ['', /empty/, 0, /never means all/],
  ['   ', /empty/, 0],
  ['{}', /\{\}/, 0, /never means all/],
  ['{"$and":[]}', /list that is not empty/, 8],
  ['{"$and":[{}]}', /\{\}/, 9],
  ['price < AND tag = 1', /expected a string, a number, .* has AND$/, 8],
  ['price <', /where the filter ends$/, 7],
  ['price', /an operator \(= != .* ends$/, 5],
  ['a = null', /has null$/, 4, /a? ?is null' or 'field exists/],
  ['a != null', /has null$/, 5, /is null/],
  ['{"a":null}', /expected a string/, 5, /\$exists/],
  ['{"a":{"$ne":null}}', /expected a string/, 12, /\$exists/],
  ['a = [1]', /has \[$/, 4],
  ['{"a":[1]}', /expected a string/, 5, /\$in/],
  ['a in ()', /has \)$/, 6],
  ['a in 1', /'\(' before the values/, 5],
  ['a = "x', /no closing "/, 4],
  ['a = `x', /no closing backtick/, 4],
  ['a = "\\x"', /escape '\\x'/, 5],
  ['a = "\\ud800"', /surrogate/, 4],
  ['a < true', /string, a number or a @date/, 4, /no order/],
  ['{"a":{"$lt":true}}', /behind '\$lt'/, 12, /no order/],
  ['a = 1 b = 2', /'and', 'or' or the end where the filter has b$/, 6],
  ['(a = 1', /'\)' where the filter ends$/, 6],
  ['a = 1)', /'and', 'or' or the end/, 5],
  ['not = 1', /a field name/, 4, /backticks/],
  ['a = 18446744073709551616', /2\^64/, 4],
  ['a = 1e999', /too large/, 4],
  ['1a = 1', /malformed number/, 0, /backticks/],
  ['a = 01', /malformed number/, 4],
  ['id < 5', /record's id/, 3, /`id`/],
  ['id = 1.5', /a record id/, 5],
  ['a = @2024-13-01', /date like/, 4],
  ['a ~ 5', /a string behind '~'/, 4],
  ['a is 5', /'null' or 'not null'/, 5],
  ['a # 5', /unexpected '#'/, 2],
  ['a = 💥', /unexpected '💥'/, 4],
  ['{"a":{"b":1}}', /has 'b'$/, 6, /a\.b/],
  ['{"a":{}}', /\{\}/, 5],
  ['{"$foo":1}', /has '\$foo'$/, 1],
  ['{"a":1,"a":2}', /twice/, 7],
  ['{"a":1', /where the filter ends$/, 6],
  ["{'a':1}", /double quotes/, 1],
  ['{"a":1} x', /the end where the filter has x$/, 8],
  ['{"a\\\\":1}', /backslash/, 1],
  ['{"a":{"$in":5}}', /behind '\$in'/, 12],
  ['{"a":{"$exists":1}}', /true or false/, 16],
  ['{"$id":1.5}', /record id/, 7],
];

describe('parseFilter', () => {
  test.each(SAME)('%s', (infix, json, tree) => {
    expect(parseFilter(infix)).toStrictEqual(tree);
    expect(parseFilter(json)).toStrictEqual(tree);
    expect(parseFilter(formatFilter(tree))).toStrictEqual(tree);
    expect(parseFilter(formatFilterJson(tree))).toStrictEqual(tree);
  });

  test.each(WRONG)('refuses %s', (text, message, column, hint) => {
    const error = failure(text);
    expect([error.code, error.details.reason]).toEqual(['usage', 'syntax']);
    expect(error.message).toMatch(message);
    const [shown, caret] = error.details.cause!.split('\n');
    expect(shown).toBe(text);
    expect(caret).toBe(`${' '.repeat([...text.slice(0, column)].length)}^`);
    expect(error.details.hint).toMatch(hint ?? /\.$/);
  });

  test('the picture of a long or many-lined filter shows the place alone', () => {
    const long = `${Array.from({ length: 50 }, (_, i) => `field${i} = ${i}`).join(' and ')} and x <`;
    const [shown, caret] = failure(long).details.cause!.split('\n');
    expect(shown!.length).toBeLessThan(80);
    expect(shown!.slice(0, caret!.indexOf('^'))).toMatch(/and x <$/);
    expect(failure('a = 1 and\n  b ! 2\n and c = 3').details.cause).toBe('  b ! 2\n    ^');
  });

  test('depth and length of lists are capped', () => {
    const nested = (depth: number) => `${'('.repeat(depth)}a = 1${')'.repeat(depth)}`;
    expect(parseFilter(nested(64))).toEqual(eq('a', 1n));
    expect(failure(nested(65)).message).toMatch(/deeper than 64/);
    expect(failure(`${'not '.repeat(100_000)}a = 1`).message).toMatch(/deeper than 64/);
    const json = (depth: number) => `${'{"$not":'.repeat(depth)}{"a":1}${'}'.repeat(depth)}`;
    expect(formatFilter(parseFilter(json(64)))).toMatch(/^(not ){63}a != 1$/);
    expect(failure(json(65)).message).toMatch(/deeper than 64/);
    expect(failure(`{"$and":${'['.repeat(100_000)}`).message).toMatch(/deeper than 64/);
    const list = (length: number) => Array.from({ length }, (_, i) => i).join(',');
    expect(parseFilter(`a in (${list(10_000)})`)).toHaveProperty('values.length', 10_000);
    expect(failure(`a in (${list(10_001)})`).message).toMatch(/longer than 10000/);
    expect(failure(`{"a":{"$in":[${list(10_001)}]}}`).message).toMatch(/longer than 10000/);
  });

  test('the infix spelling reads back to an equal tree', () => {
    fc.assert(
      fc.property(anyTree(), tree => {
        expect(parseFilter(formatFilter(tree))).toEqual(tree);
      }),
      { numRuns: 1000 },
    );
  });

  test('the JSON spelling reads back to the same tree as the infix one', () => {
    fc.assert(
      fc.property(anyTree(), tree => {
        const json = formatFilterJson(tree);
        expect(() => JSON.parse(json)).not.toThrow();
        expect(parseFilter(json)).toStrictEqual(parseFilter(formatFilter(tree)));
      }),
      { numRuns: 1000 },
    );
  });

  test('any text parses, or fails with a picture', () => {
    const word = fc.constantFrom(
      'a',
      'and',
      'NOT',
      'in',
      '(',
      ')',
      '=',
      '!=',
      '"x"',
      '1',
      '1.5',
      ',',
      'null',
      'id',
      '`',
      '{',
      '}',
      '"$or"',
      ':',
      '[',
      ']',
      '~',
      '@',
      '.',
      '💥',
      '\\',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word, { maxLength: 12 }).map(words => words.join(' ')),
        ),
        text => {
          try {
            parseFilter(text);
          } catch (error) {
            expect(error).toBeInstanceOf(VdbError);
            expect((error as VdbError).details.cause).toMatch(/\^$/);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

function failure(text: string): VdbError {
  try {
    parseFilter(text);
  } catch (error) {
    if (error instanceof VdbError) return error;
    throw error;
  }
  return expect.fail(`'${text}' parses`);
}
