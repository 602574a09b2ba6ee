import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { branchesOf } from '../../../src/connectors/pinecone/filter/branches.ts';
import { compile } from '../../../src/connectors/pinecone/filter/compile.ts';
import { storedId } from '../../../src/connectors/pinecone/ids.ts';
import { toStored } from '../../../src/connectors/pinecone/records/storedMetadata.ts';
import { matcher } from '../../../src/model/filter/evaluate.ts';
import type { Filter } from '../../../src/model/filter/filter.ts';
import { formatFilter } from '../../../src/model/filter/format.ts';
import { parseFilter } from '../../../src/model/filter/parse.ts';
import { idKey } from '../../../src/model/id.ts';
import { anyFilter, ORACLE_RECORDS } from '../../contract/filterSamples.ts';
import { type Metadata, matchFilter } from '../../doubles/pinecone/matchFilter.ts';

const KEPT = ORACLE_RECORDS.map(([id, metadata]) => {
  const text = toStored({ id, metadata, document: undefined, uri: undefined }, storedId(id), 'body');
  return { id, metadata, stored: JSON.parse(text) as Metadata };
});

function nativeOf(text: string): unknown {
  return compile(parseFilter(text), 'text')?.filter ?? null;
}

describe('compiled filters', () => {
  for (const missingIsNotEqual of [true, false]) {
    test(`mean what the evaluator says, where $ne ${missingIsNotEqual ? 'matches' : 'leaves out'} records without the field`, () => {
      let native = 0;
      const check = (filter: Filter): void => {
        const branches = branchesOf(filter, 'body');
        if (branches === null) return;
        native++;
        const matches = matcher(filter);
        const keys = new Set(branches.flatMap(({ where }) => [...where.keys]));
        // Where a key has values that Pinecone does not see, the filter is not taken for native.
        const seen = KEPT.filter(
          ({ stored }) => !((stored._vdb_k as string[] | undefined) ?? []).some(key => keys.has(key)),
        );
        for (const { id, metadata, stored } of seen) {
          const found = branches.some(({ ids, excluded, where }) => {
            if (ids && !ids.some(each => idKey(each) === idKey(id))) return false;
            if (excluded.some(each => idKey(each) === idKey(id))) return false;
            return typeof where.filter === 'boolean'
              ? where.filter
              : matchFilter(where.filter, stored, missingIsNotEqual);
          });
          expect(found, `${formatFilter(filter)} on ${metadata}`).toBe(matches(id, metadata));
        }
      };
      fc.assert(fc.property(anyFilter(), check), { numRuns: 1500 });
      expect(native).toBeGreaterThan(300);
    });
  }

  test('look as one would write them', () => {
    expect(nativeOf('genre = "drama"')).toEqual({ genre: { $eq: 'drama' } });
    expect(nativeOf('year >= 2000 and year < 2010')).toEqual({
      $and: [{ year: { $gte: 2000 } }, { year: { $lt: 2010 } }],
    });
    expect(nativeOf('n in (1, "a", "b", true)')).toEqual({
      $or: [{ n: { $in: ['a', 'b'] } }, { n: { $eq: 1 } }, { n: { $eq: true } }],
    });
    expect(nativeOf('genre != "drama"')).toEqual({
      $or: [{ genre: { $exists: false } }, { genre: { $ne: 'drama' } }],
    });
    expect(nativeOf('active = false')).toEqual({ active: { $eq: false } });
    expect(nativeOf('not (a = 1 or b = 2)')).toEqual({
      $and: [
        { $or: [{ a: { $exists: false } }, { a: { $ne: 1 } }] },
        { $or: [{ b: { $exists: false } }, { b: { $ne: 2 } }] },
      ],
    });
  });

  test('compare integers that no double is with the next one', () => {
    expect(nativeOf('n > 9007199254740993')).toEqual({ n: { $gt: 9007199254740992 } });
    expect(nativeOf('n <= 9007199254740993')).toEqual({ n: { $lte: 9007199254740992 } });
    expect(nativeOf('n >= 9007199254740995')).toEqual({ n: { $gte: 9007199254740996 } });
    expect(nativeOf('n < 9007199254740995')).toEqual({ n: { $lt: 9007199254740996 } });
    expect(nativeOf('n = 9007199254740993')).toBe(false);
    expect(nativeOf('n in (1, 9007199254740993)')).toEqual({ n: { $eq: 1 } });
  });

  test('are none where Pinecone cannot say it exactly', () => {
    for (const text of ['s > "a"', 's ~ "a"', 'tags has "a"', 'not n > 1', 'd = @2024-01-31', 'text = "a"', '`` = 1']) {
      expect(nativeOf(text), text).toBeNull();
    }
    expect(branchesOf(parseFilter('id in ("a","b") and n > 1'), 'text')).toMatchObject([
      { ids: ['a', 'b'], where: { filter: { n: { $gt: 1 } } } },
    ]);
    expect(branchesOf(parseFilter('id != "a" and n > 1'), 'text')).toMatchObject([
      { excluded: ['a'], where: { filter: { n: { $gt: 1 } } } },
    ]);
    expect(branchesOf(parseFilter('id = "a" or n > 1'), 'text')).toHaveLength(2);
  });
});
