import fc from 'fast-check';
import type { FieldPath, Filter, FilterValue } from '../../../src/model/filter/filter.ts';

const NAMES = [
  'a',
  'b',
  'price',
  'Ünï',
  'id',
  'NOT',
  'in',
  'true',
  '',
  'a.b',
  'a`b',
  '`',
  '``',
  '$x',
  '$and',
  '1',
  'a b',
  "it's",
  '\\',
  'a\\.b',
  '\n',
];
const well = fc.string({ unit: 'grapheme' }).filter(text => !/\p{Surrogate}/u.test(text));

const path: fc.Arbitrary<FieldPath> = fc.array(fc.oneof(fc.constantFrom(...NAMES), well), {
  minLength: 1,
  maxLength: 3,
});
const ordered: fc.Arbitrary<FilterValue> = fc.oneof(
  well,
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(-0, 1, 1e21, 5e-324),
  fc.constantFrom('2024-01-31', '2024-01-31T12:00:00.123456+02:00', '1969-12-31T23:59Z').map(date => ({ date })),
);
const scalar = fc.oneof(ordered, fc.boolean());
const id = fc.oneof(well, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }));

/** Every tree the parser can give, and nothing else. */
export function anyTree(): fc.Arbitrary<Filter> {
  return fc.letrec<{ tree: Filter }>(tie => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.record({ op: fc.constant('eq' as const), field: path, value: scalar }),
      fc.record({ op: fc.constantFrom('lt', 'lte', 'gt', 'gte'), field: path, value: ordered }),
      fc.record({
        op: fc.constant('in' as const),
        field: path,
        values: fc.array(scalar, { minLength: 1, maxLength: 4 }),
      }),
      fc.record({ op: fc.constant('has' as const), field: path, value: scalar }),
      fc.record({ op: fc.constant('exists' as const), field: path }),
      fc.record({ op: fc.constant('contains' as const), field: path, value: well }),
      fc.record({ op: fc.constant('ids' as const), ids: fc.array(id, { minLength: 1, maxLength: 3 }) }),
      fc.record({ op: fc.constantFrom('and', 'or'), args: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }) }),
      fc.record({ op: fc.constant('not' as const), arg: tie('tree') }),
    ) as fc.Arbitrary<Filter>,
  })).tree;
}
