import fc from 'fast-check';
import type { FieldPath, Filter, FilterValue } from '../../src/model/filter/filter.ts';
import type { Id } from '../../src/model/id.ts';

/** One value per record of a field each, so that every operator meets every type, present, null and missing. */
const NUMBERS = [
  '0',
  '-0.0',
  '1',
  '1.0',
  '-1',
  '1.5',
  '2',
  '7',
  '9007199254740992.0',
  '9007199254740993',
  '1e21',
  '5e-324',
  '-3.25',
];
const TEXTS = [
  '""',
  '"a"',
  '"A"',
  '"ab"',
  '"b%_"',
  '"1"',
  '"é"',
  '"e\\u0301"',
  '"\uffee"',
  '"\u{1f600}"',
  '"true"',
  '"it\'s"',
  '"back\\\\slash"',
];
const MIXED = [
  'true',
  'false',
  'null',
  '1',
  '1.0',
  '"1"',
  '"a"',
  '[]',
  '[1,2]',
  '["a","b"]',
  '[1.0,"a",null,true]',
  '[[1]]',
  '[{"a":1}]',
  '{}',
  '{"a":1}',
  '{"a":{"b":"a"}}',
  '{"a":["a",2]}',
  '{"a":null}',
  '{"$date":"2024-01-31T12:00:00Z"}',
  '{"$date":"2024-01-31"}',
  '"2024-01-31T12:00:00Z"',
  '["2024-01-31",{"$date":"2023-01-01T00:00:00.5Z"}]',
];
const FLAGS = ['true', 'false', 'null', '[true]', '[true,false]', '[]'];
const INTEGERS = ['0', '1', '2', '3', '-1', '9223372036854775807', '-9223372036854775808', 'null'];
const LISTS = ['["a","b"]', '["a"]', '[""]', '[]', '["é","\u{1f600}"]', 'null'];

/** Id and metadata. */
export const ORACLE_RECORDS: [Id, string | undefined][] = Array.from({ length: 66 }, (_, i) => {
  const pick = (values: string[], step: number): string | undefined => {
    const at = (i * step) % (values.length + 1);
    return values[at];
  };
  const members = [
    ['num', pick(NUMBERS, 1)],
    ['text', pick(TEXTS, 1)],
    ['mixed', pick(MIXED, 1)],
    ['flag', pick(FLAGS, 5)],
    ['int', pick(INTEGERS, 2)],
    ['list', pick(LISTS, 3)],
    ['a.b', i % 3 ? pick(TEXTS, 5) : undefined],
    ['id', i % 4 ? undefined : String(i)],
  ].filter(([, value]) => value !== undefined);
  const metadata = members.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',');
  return [`r${i}`, i === 13 ? undefined : `{${metadata}}`];
});

const FIELDS: FieldPath[] = [
  ['num'],
  ['text'],
  ['mixed'],
  ['mixed', 'a'],
  ['mixed', 'a', 'b'],
  ['flag'],
  ['int'],
  ['list'],
  ['a.b'],
  ['a', 'b'],
  ['id'],
  ['missing'],
  [''],
];

const ORDERED: FilterValue[] = [
  0n,
  1n,
  2n,
  -1n,
  9007199254740992n,
  9007199254740993n,
  18446744073709551615n,
  -0.0,
  1.0,
  1.5,
  1e21,
  5e-324,
  9007199254740992.0,
  '',
  'a',
  'A',
  'ab',
  '1',
  'true',
  '%',
  'é',
  '\uffee',
  '\u{1f600}',
  "it's",
  'back\\slash',
  '2024-01-31',
  '2024-01-31T12:00:00Z',
  '2024-01-31T14:00:00+02:00',
  { date: '2024-01-31T12:00:00Z' },
  { date: '2024-01-31' },
];
const SCALARS: FilterValue[] = [...ORDERED, true, false];
const FRAGMENTS = ['', 'a', 'b', '%', '_', 'é', '\u{1f600}', "'", '\\', '2024'];

/** Filters over the fields and values of `ORACLE_RECORDS`, and near them. */
export function anyFilter(): fc.Arbitrary<Filter> {
  const field = fc.constantFrom(...FIELDS);
  const value = fc.constantFrom(...SCALARS);
  const { filter } = fc.letrec<{ filter: Filter }>(tie => ({
    filter: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.record({ op: fc.constant('eq' as const), field, value }),
      fc.record({ op: fc.constantFrom('lt', 'lte', 'gt', 'gte'), field, value: fc.constantFrom(...ORDERED) }),
      fc.record({ op: fc.constant('in' as const), field, values: fc.array(value, { minLength: 1, maxLength: 4 }) }),
      fc.record({ op: fc.constant('has' as const), field, value }),
      fc.record({ op: fc.constant('exists' as const), field }),
      fc.record({ op: fc.constant('contains' as const), field, value: fc.constantFrom(...FRAGMENTS) }),
      fc.record({
        op: fc.constant('ids' as const),
        ids: fc.array(fc.constantFrom('r1', 'r2', 'r13', 'R1', ''), { minLength: 1, maxLength: 3 }),
      }),
      fc.record({ op: fc.constantFrom('and', 'or'), args: fc.array(tie('filter'), { minLength: 2, maxLength: 3 }) }),
      fc.record({ op: fc.constant('not' as const), arg: tie('filter') }),
    ) as fc.Arbitrary<Filter>,
  }));
  return filter;
}
