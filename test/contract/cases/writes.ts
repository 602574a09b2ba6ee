import { expect } from 'vitest';
import { digestBatch } from '../../../src/model/digest.ts';
import type { DenseColumn, RecordBatch } from '../../../src/model/record.ts';
import { parseRecords } from '../../../src/model/recordLine.ts';
import type { DatabaseSuite } from '../contract.ts';
import { newCall, refOf } from '../directSubject.ts';
import { bareRecord, manyRecords, record } from '../records.ts';
import { expectRecords } from '../sameRecords.ts';
import { refused } from '../suite.ts';

function batchOf(lines: string[]): RecordBatch {
  return parseRecords(lines, {}).batches[0]!;
}

export function writeCases(suite: DatabaseSuite): void {
  suite.case('a batch is not changed by writing it, and its buffers are not kept', async () => {
    const name = await suite.collection();
    const lines = manyRecords(20, i => `{"n":${i},"f":${i}.0,"_vdb":1,"o":{}}`);
    const batch = batchOf(lines);
    const before = digestBatch(batch);
    await suite.database.upsert(refOf(name), batch, {}, newCall());
    expect(digestBatch(batch)).toEqual(before);
    for (const column of batch.vectors) (column.values as Float32Array).fill(99);
    batch.ids.fill('overwritten');
    expectRecords((await suite.subject.scan(name)).lines, lines);
  });

  suite.case('records known to be absent are written the same', async () => {
    const name = await suite.collection();
    const lines = manyRecords(40, i => (i % 3 ? `{"n":${i},"extra${i % 5}":[${i}.0]}` : '{}'));
    await suite.database.upsert(refOf(name), batchOf(lines.slice(0, 20)), { absent: true }, newCall());
    await suite.database.upsert(refOf(name), batchOf(lines.slice(20)), { absent: true }, newCall());
    expectRecords((await suite.subject.scan(name)).lines, lines);
    // A retry goes without the promise, and meets its own records.
    await suite.database.upsert(refOf(name), batchOf(lines.slice(10, 30)), {}, newCall());
    expectRecords((await suite.subject.scan(name)).lines, lines);
  });

  suite.case('numbers that no line can spell are refused before anything is written', async () => {
    const name = await suite.collection();
    for (const number of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const batch = batchOf([record('good'), record('bad')]);
      ((batch.vectors[0] as DenseColumn).values as Float32Array)[4] = number;
      await refused(suite.database.upsert(refOf(name), batch, {}, newCall()), 'invalid', 'not_finite');
      const want = { vectors: false, metadata: false, document: false };
      const request = { vector: Float32Array.of(1, number, 3), using: '', k: 1, want };
      await refused(suite.database.search(refOf(name), request, newCall()), 'invalid', 'not_finite');
    }
    const twice = batchOf([record('a', { document: 'first' }), record('b')]);
    twice.ids[1] = 'a';
    await suite.database.upsert(refOf(name), twice, {}, newCall());
    expectRecords((await suite.subject.scan(name)).lines, [record('a')]);
  });

  suite.case('a call that is aborted already does nothing', async () => {
    const name = await suite.collection();
    const call = { signal: AbortSignal.abort(), deadlineMs: 1000 };
    await refused(suite.database.upsert(refOf(name), batchOf([record('a')]), {}, call), 'cancelled');
    await refused(suite.database.drop(refOf(name), call), 'cancelled');
    expect(await suite.subject.count(name)).toBe(0);
  });

  suite.case('update sets and removes metadata keys, and nothing else', async () => {
    const { database } = suite;
    if (!database.update) return void expect(suite.subject.verbs).not.toContain('update');
    const name = await suite.collection();
    const parts = { vector: [1, -2, 0.1], document: 'd' };
    await suite.subject.upsert(name, [
      record('a', { ...parts, metadata: '{"n":1,"gone":"x","o":{"k":1.0}}' }),
      record('b', { ...parts, metadata: '{"n":2}' }),
      bareRecord('c', suite.subject.capabilities.optionalVectors ? {} : { vector: [1, 2, 3] }),
    ]);
    const set = {
      n: '3',
      f: '3.0',
      s: '"t"',
      o: '{"k":[null,-0.0]}',
      'a.b': 'true',
      '': 'null',
      big: '9007199254740993',
    };
    const request = { set, unset: ['gone', 'never'] };
    expect(await database.update(refOf(name), ['a', 'missing', 'c'], request, newCall())).toBe(2);
    const metadata = `{${Object.entries(set)
      .map(([key, text]) => `${JSON.stringify(key)}:${text}`)
      .join(',')}}`;
    const c = bareRecord(
      'c',
      suite.subject.capabilities.optionalVectors ? { metadata } : { metadata, vector: [1, 2, 3] },
    );
    const expected = [record('a', { ...parts, metadata }), record('b', { ...parts, metadata: '{"n":2}' }), c];
    expectRecords((await suite.subject.scan(name)).lines, expected);
    expectRecords((await suite.subject.scan(name, { where: 'f = 3 and `a.b` = true and gone is null' })).lines, [
      expected[0]!,
      c,
    ]);
  });

  suite.case('loading takes index settings away and gives them back', async () => {
    const { database } = suite;
    if (!database.load || !database.unload) return void expect(suite.subject.verbs).not.toContain('load');
    const name = await suite.collection();
    const before = await suite.subject.describe(name);
    const restore = JSON.parse(JSON.stringify(await database.load(refOf(name), newCall())));
    const lines = manyRecords(100);
    await suite.subject.upsert(name, lines);
    await suite.reopen();
    await suite.database.unload!(refOf(name), restore, newCall());
    await suite.database.unload!(refOf(name), restore, newCall());
    expect((await suite.subject.describe(name)).index).toEqual(before.index);
    expectRecords((await suite.subject.scan(name)).lines, lines);
    expect((await suite.subject.query(name, { vector: [0, 0, 0], k: 1 }))[0]).toContain('"id":"r000"');
  });

  suite.case('what was written is there after reopening', async () => {
    const name = await suite.collection();
    const lines = manyRecords(20, i => `{"n":${i},"o":{"f":1.0}}`);
    await suite.subject.upsert(name, lines);
    if (!(await suite.reopen())) return;
    expect(await suite.subject.collections()).toContain(name);
    expectRecords((await suite.subject.scan(name)).lines, lines);
  });

  suite.case('settle and index state answer where they are declared', async () => {
    const name = await suite.collection();
    await suite.subject.upsert(name, manyRecords(10));
    await suite.database.settle?.(refOf(name), newCall());
    const state = await suite.database.indexState?.(refOf(name), newCall());
    if (state) expect(state.indexed).toBeLessThanOrEqual(state.total);
  });
}
