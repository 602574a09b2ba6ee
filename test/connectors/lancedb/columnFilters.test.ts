import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matcher } from '../../../src/model/filter/evaluate.ts';
import type { Filter, FilterValue } from '../../../src/model/filter/filter.ts';
import { formatFilter } from '../../../src/model/filter/format.ts';
import { newCall, refOf } from '../../contract/directSubject.ts';
import { openTemporary, VECTOR } from './openTemporary.ts';

const BIG = 2n ** 63n;
const INTEGERS = [0n, 1n, -1n, 7n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, BIG - 1n, -BIG, 1n - BIG];
const FLOATS = [0.5, -0, 0.1, 1e300, -1e300, 5e-324, -5e-324, 2.5, 9007199254740994, 2 ** 63, -(2 ** 63)];
const TEXTS = [
  '',
  'a',
  'b',
  "it's",
  '%',
  '_',
  '\\',
  '\u0001',
  'a\u0001',
  'x\u0000y',
  '\uffee',
  '\u{1f600}',
  'é',
  'A',
  '1',
  'true',
  '2024-01-31T12:00:00Z',
];

/** Exact text of each value, so that each key is one column of one type. */
const float = (value: number): string => (Object.is(value, -0) ? '-0.0' : value.toExponential());
const VALUES: Record<string, string[]> = {
  n: INTEGERS.map(String),
  f: [...FLOATS.map(float), '0', '1', '7', '-9007199254740992'],
  s: TEXTS.map(value => JSON.stringify(value)),
  on: ['true', 'false'],
  'n s': INTEGERS.map(value => `[${value}, 3]`).concat('[]', '[5]'),
  fs: FLOATS.map(value => `[${float(value)},1.5]`).concat('[]', '[0.0]', '[7.0]'),
  ss: TEXTS.map(value => `[${JSON.stringify(value)},"zz"]`).concat('[]', '["%"]', '["a","b"]'),
  bs: ['[true]', '[false,false]', '[]', '[true,false]'],
};
const KEYS = Object.keys(VALUES);

const RECORDS = Array.from({ length: 40 }, (_, i) => {
  const present = KEYS.filter((_key, k) => (i + k) % 5 !== 0);
  // The first of a column's values decides its type, so it is never an empty list.
  const member = (key: string): string => `${JSON.stringify(key)}:${VALUES[key]![(i * 7) % VALUES[key]!.length]}`;
  return { id: `r${i}`, metadata: `{${present.map(member).join(',')}}` };
});

const value: fc.Arbitrary<FilterValue> = fc.oneof(
  fc.constantFrom(...INTEGERS, 3n, BIG, 2n ** 64n - 1n),
  fc.constantFrom(...FLOATS, 0, 7, 1.5, 9007199254740992),
  fc.constantFrom(...TEXTS, 'zz'),
  fc.boolean(),
);
const field = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...KEYS).map(key => [key]) },
  fc.constantFrom(['missing'], ['n', 'deep'], ['s', '0']),
);
const leaf: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({ op: fc.constantFrom('eq', 'lt', 'lte', 'gt', 'gte', 'has'), field, value }) as fc.Arbitrary<Filter>,
  fc.record({ op: fc.constant('in'), field, values: fc.array(value, { maxLength: 4 }) }) as fc.Arbitrary<Filter>,
  fc.record({ op: fc.constant('exists'), field }) as fc.Arbitrary<Filter>,
  fc.record({ op: fc.constant('contains'), field, value: fc.constantFrom(...TEXTS) }) as fc.Arbitrary<Filter>,
  fc.record({
    op: fc.constant('ids'),
    ids: fc.array(fc.constantFrom('r1', 'r2', "r'", 1n), { maxLength: 3 }),
  }) as fc.Arbitrary<Filter>,
);
const { filter } = fc.letrec<{ filter: Filter }>(tie => ({
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.record({ op: fc.constant('not'), arg: tie('filter') }) as fc.Arbitrary<Filter>,
    fc.record({
      op: fc.constantFrom('and', 'or'),
      args: fc.array(tie('filter'), { maxLength: 3 }),
    }) as fc.Arbitrary<Filter>,
  ),
}));

test('generated filters on columns of each type are native, and mean what the evaluator says', async () => {
  const t = await openTemporary();
  await t.database.create({ name: 't', vectors: [VECTOR] }, newCall());
  await t.put(
    't',
    RECORDS.map(({ id, metadata }) => `{"id":"${id}","vector":[1,2],"metadata":${metadata}}`),
  );
  const { fields } = await t.database.describe(refOf('t'), newCall());
  expect(fields.filter(({ type }) => type === 'mixed')).toEqual([]);
  const check = async (given: Filter): Promise<void> => {
    const { residual } = await t.database.split!(refOf('t'), given, newCall());
    expect(residual, 'residual').toBeNull();
    const matches = matcher(given);
    const expected = RECORDS.filter(({ id, metadata }) => matches(id, metadata)).map(({ id }) => id);
    const found = (await t.all('t', { filter: given })).map(line => (JSON.parse(line) as { id: string }).id);
    expect(found.sort(), formatFilter(given)).toEqual(expected.sort());
  };
  await fc.assert(fc.asyncProperty(filter, check), { numRuns: 400 });
}, 60_000);
