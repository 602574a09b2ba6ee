import fc from 'fast-check';
import { expect } from 'vitest';
import { matcher } from '../../../src/model/filter/evaluate.ts';
import type { Filter } from '../../../src/model/filter/filter.ts';
import { formatFilter } from '../../../src/model/filter/format.ts';
import { type Id, idKey } from '../../../src/model/id.ts';
import type { DatabaseSuite } from '../contract.ts';
import { newCall, refOf, splitFilter } from '../directSubject.ts';
import { anyFilter, ORACLE_RECORDS } from '../filterSamples.ts';
import { record } from '../records.ts';

const NOTHING = { vectors: false, metadata: false, document: false };

/** 0, 0.0 and -0.0 are one number, which not every engine thinks. */
const ZEROS: Filter[] = (['lt', 'lte', 'gt', 'gte', 'eq'] as const).flatMap(op =>
  [0n, 0, -0].map(value => ({ op, field: ['num'], value })),
);

export function filterOracleCases(suite: DatabaseSuite): void {
  suite.case('generated filters mean in the database what the evaluator says', async () => {
    const { database } = suite;
    const name = await suite.collection();
    const ref = refOf(name);
    const lines = ORACLE_RECORDS.map(([id, metadata], i) =>
      record(id, { vector: [i, 1, 0], ...(metadata !== undefined && { metadata }) }),
    );
    // In several writes, so that the store meets the types of a field one after the other.
    for (let i = 0; i < lines.length; i += 20) await suite.subject.upsert(name, lines.slice(i, i + 20));

    const answer = (filter: Filter): string[] => {
      const matches = matcher(filter);
      return ORACLE_RECORDS.filter(([id, metadata]) => matches(id, metadata)).map(([id]) => idKey(id));
    };
    const ask = async (filter: Filter): Promise<string[]> => {
      const ids: Id[] = [];
      const request = { filter, want: NOTHING, batchBytes: 1 << 20, batchRecords: 1000 };
      for await (const { batch } of database.scan!(ref, request, newCall())) ids.push(...batch.ids);
      return ids.map(idKey);
    };

    let native = 0;
    const check = async (filter: Filter): Promise<void> => {
      const split = await splitFilter(database, ref, filter);
      if (split.native === null && split.residual === null) expect.fail('split gives nothing');
      const expected = answer(filter);
      const both = [split.native, split.residual].filter(part => part !== null);
      expect(answer({ op: 'and', args: both }).sort(), 'native AND residual').toEqual(expected.sort());
      if (split.native === null) return;
      native++;
      const wanted = answer(split.native).sort();
      expect((await ask(split.native)).sort(), `scan where ${formatFilter(split.native)}`).toEqual(wanted);
      if (split.residual !== null) return;
      const { count } = await database.count!(ref, { filter: split.native, exact: true }, newCall());
      expect(count, 'count').toBe(wanted.length);
      const request = { vector: Float32Array.of(0, 1, 0), using: '', k: 100, filter: split.native, want: NOTHING };
      const hits = await database.search(ref, request, newCall());
      expect(hits.batch.ids.map(idKey).sort(), `search where ${formatFilter(split.native)}`).toEqual(wanted);
    };
    await fc.assert(fc.asyncProperty(anyFilter(), check), {
      numRuns: 200,
      examples: ZEROS.map(filter => [filter]),
      seed: Number(process.env.VDB_TEST_SEED ?? 20261121),
    });
    expect(native, 'filters that were at least in part native').toBeGreaterThan(40);
  });
}
