import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compareRecords } from '../../../src/core/transfer/compareRecords.ts';
import { TUNING } from '../../../src/core/transfer/transferLimits.ts';
import { verifyEnds, verifyJob } from '../../../src/core/transfer/verifyEnds.ts';
import { roundToHalf } from '../../../src/core/transfer/widen.ts';
import type { VectorSpec } from '../../../src/model/collection.ts';
import { parseRecords } from '../../../src/model/recordLine.ts';
import type { VerifyLevel } from '../../../src/model/transfer.ts';
import { CALL, Workbench } from './fixtures/workbench.ts';

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench.close());

type Level = Exclude<VerifyLevel, 'none'>;

async function compared(level?: Level, a = 'docs', b = 'copy') {
  const options = { level, tuning: { ...TUNING, visibleMs: 100 }, onRead: () => undefined };
  return verifyEnds(await bench.end('a', a), await bench.end('b', b), options, CALL);
}

/** Edits the copy's file as a faulty store would. */
function plant(edit: (lines: string[]) => string[]): void {
  const path = join(bench.root, 'b', 'copy.ndjson');
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  writeFileSync(
    path,
    edit(lines)
      .map(line => `${line}\n`)
      .join(''),
  );
}

function inLine(id: string, from: string, to: string): void {
  plant(lines =>
    lines.map(line => {
      if (!line.includes(`"id":${id},`)) return line;
      expect(line).toContain(from);
      return line.replace(from, to);
    }),
  );
}

describe('two copies', () => {
  beforeEach(async () => {
    const result = await bench.migrate(await bench.fill('a', 'docs', 120), await bench.end('b', 'copy'), {
      verify: 'none',
    });
    expect(result.verification).toBeNull();
  });

  test.each<Level | undefined>([undefined, 'full', 'count', 'sample:50'])('are equal at level %s', async level => {
    expect(await compared(level)).toMatchObject({
      equal: true,
      different: 0,
      pending: false,
      rule: null,
      differences: [],
    });
  });

  test.each([
    ['a bit of a vector', '"doc-7"', '7.5,', '7.5000005,', 'vector'],
    ['the sign of a zero', '"doc-7"', '-0,', '0,', 'vector'],
    ['a float that became an integer', '"doc-7"', '"price":7.0', '"price":7', 'metadata.price'],
    ['a 64-bit integer', '"doc-7"', '9007199254741000', '9007199254741001', 'metadata.big'],
    ['a null that went away', '"doc-8"', '"lang":null,', '', 'metadata.lang'],
    ['an empty document that went away', '"doc-10"', ',"document":""', '', 'document'],
    ['a text', '"doc-7"', 'text 7', 'text 7 ', 'document'],
  ])('that differ in %s', async (_what, id, from, to, path) => {
    const planted = id === '"doc-10"';
    if (planted) {
      // Absent and empty: planted on one side, taken away on the other.
      const end = await bench.end('a', 'docs');
      await bench.put(end, ['{"id":"doc-10","vector":[1,1,1,1],"document":""}']);
      await bench.put(await bench.end('b', 'copy'), ['{"id":"doc-10","vector":[1,1,1,1],"document":""}']);
      plant(lines => lines.map(line => (line.startsWith('={"id":"doc-10"') ? line.replace(from, to) : line)));
    } else {
      inLine(id, from, to);
    }
    const found = await compared();
    expect(found).toMatchObject({ equal: false, different: 1, onlyInSource: 0, onlyInTarget: 0, equalRecords: 119 });
    expect(found.differences).toEqual([{ id: JSON.parse(id), kind: 'different', paths: [path] }]);
    expect(await compared('sample:200')).toMatchObject({ equal: false, different: 1 });
  });

  test('one of which lacks a record', async () => {
    plant(lines => lines.filter(line => !line.includes('"id":"doc-7",')));
    const found = await compared();
    expect(found).toMatchObject({
      equal: false,
      onlyInSource: 1,
      equalRecords: 119,
      source: { count: 120 },
      target: { count: 119 },
    });
    expect(found.differences).toEqual([{ id: 'doc-7', kind: 'only_in_source', paths: [] }]);
    expect((await compared('count')).equal).toBe(false);
    expect((await compared('sample:5')).equal).toBe(false);
  });

  test('one of which has another record, or one twice', async () => {
    plant(lines => [...lines, '+{"id":7,"vector":[1,2,3,4]}', lines.find(line => line.includes('"doc-7"'))!]);
    const found = await compared();
    expect(found).toMatchObject({ equal: false, onlyInTarget: 2, onlyInSource: 0, equalRecords: 120 });
    expect(found.differences).toContainEqual({ id: '7', kind: 'only_in_target', paths: [] });
    expect(found.differences).toContainEqual({ id: 'doc-7', kind: 'only_in_target', paths: ['id'] });
  });

  test('whose vectors were swapped', async () => {
    inLine('"doc-7"', '7.5,', '8.5,');
    inLine('"doc-8"', '8.5,', '7.5,');
    expect(await compared()).toMatchObject({ equal: false, different: 2 });
  });

  test('above a number of records: ids and content in full, vectors of a sample', async () => {
    const options = { level: undefined, tuning: { ...TUNING, fullRecords: 100 }, onRead: () => undefined };
    const run = async () => verifyEnds(await bench.end('a', 'docs'), await bench.end('b', 'copy'), options, CALL);
    expect(await run()).toMatchObject({ equal: true, level: 'content+sample:10000', equalRecords: 120 });
    inLine('"doc-7"', '7.5,', '7.25,');
    expect((await run()).differences).toEqual([{ id: 'doc-7', kind: 'different', paths: ['vector'] }]);
    inLine('"doc-8"', 'text 8', 'text');
    expect((await run()).differences).toEqual([{ id: 'doc-8', kind: 'different', paths: ['document'] }]);
    const result = await bench.migrate(
      await bench.end('a', 'docs'),
      await bench.end('b', 'large'),
      {},
      { tuning: { fullRecords: 100 } },
    );
    expect(result.verification).toMatchObject({ equal: true, level: 'content+sample:10000' });
  });

  test('that differ everywhere name the first hundred', async () => {
    plant(lines => lines.map(line => line.replace('"big"', '"bigger"')));
    const found = await compared();
    expect(found).toMatchObject({ different: 120, differencesTruncated: true, equalRecords: 0 });
    expect(found.differences).toHaveLength(100);
    expect(found.differences[0]!.paths).toEqual(['metadata.big', 'metadata.bigger']);
  });
});

test('a job is verified again under its own mapping and without its dead letters', async () => {
  const source = await bench.fill('a', 'docs', 30);
  const target = await bench.end('b', 'copy', { poison: new Set(['doc-1']) });
  const { job } = await bench.migrate(source, target, { rename: { price: 'cost' }, maxErrors: 1 });
  const plan = await bench.store.plan(job);
  const options = { level: undefined, tuning: TUNING, onRead: () => undefined };
  expect(await verifyJob(bench.store, plan, source, target, options, CALL)).toMatchObject({
    equal: true,
    equalRecords: 29,
  });
  expect(await compared()).toMatchObject({ equal: false, different: 29, onlyInSource: 1 });
});

describe('a store that changes vectors', () => {
  const vector: VectorSpec = {
    name: '',
    kind: 'dense',
    dimension: 3,
    metric: 'cosine',
    element: 'f32',
    transform: 'normalized',
  };
  const lines = ['{"id":"a","vector":[3,4,0],"metadata":{"n":1}}', '{"id":"b","vector":[0,0,2]}'];

  async function both(stored: string[], transform: VectorSpec['transform']) {
    const source = await bench.end('a', 'docs');
    await source.database.create({ name: 'docs', vectors: [{ ...vector, transform: 'none' }] }, CALL);
    await bench.put(source, lines);
    const target = await bench.end('b', 'copy');
    await target.database.create({ name: 'copy', vectors: [{ ...vector, transform }] }, CALL);
    await bench.put(target, stored);
    return compared();
  }

  test('is compared under its rule, which is printed', async () => {
    const stored = ['{"id":"a","vector":[0.6000001,0.8,0],"metadata":{"n":1}}', '{"id":"b","vector":[0,0,1]}'];
    const found = await both(stored, 'normalized');
    expect(found).toMatchObject({ equal: true, equalRecords: 2 });
    expect(found.rule).toContain('normalised');
  });

  test('is still found out when it changes more than that, or something else', async () => {
    const stored = [
      '{"id":"a","vector":[0.60001,0.8,0],"metadata":{"n":1}}',
      '{"id":"b","vector":[0,0,1],"document":"x"}',
      '{"id":"c"}',
    ];
    const found = await both(stored, 'normalized');
    expect(found).toMatchObject({ equal: false, different: 2, onlyInTarget: 1 });
    expect(found.differences.map(({ paths }) => paths)).toEqual([['vector'], ['document'], []]);
  });

  test('rounding to f16 is exact under its rule', () => {
    expect([0.1, 65504, 1e-8, -3.0004, 1 + 2 ** -11, 6e-8].map(roundToHalf)).toEqual([
      0.0999755859375,
      65504,
      0,
      -3,
      1,
      2 ** -24,
    ]);
    expect(Object.is(roundToHalf(-1e-9), -0)).toBe(true);
    const of = (text: string) => parseRecords([`{"id":1,"vector":${text}}`], {}).batches[0]!;
    const rules = new Map([['', { transform: 'f16', by: 'target' } as const]]);
    expect(compareRecords(of('[0.1,2]'), 0, of('[0.0999755859375,2]'), 0, rules)).toEqual([]);
    expect(compareRecords(of('[0.1,2]'), 0, of('[0.1000,2.01]'), 0, rules)).toEqual(['vector']);
    expect(compareRecords(of('[0.1,2]'), 0, of('[0.0999755859375,2]'), 0, new Map())).toEqual(['vector']);
  });
});
