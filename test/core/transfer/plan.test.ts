import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { IdCensus } from '../../../src/core/transfer/idCensus.ts';
import { makePlan, type PlanRequest } from '../../../src/core/transfer/plan.ts';
import { CALL, Workbench } from './fixtures/workbench.ts';

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench.close());

const DRY: PlanRequest = { where: null, mode: 'default', overwrite: false, rename: {}, dryRun: true };

async function planned(request: Partial<PlanRequest> = {}, knobs: Parameters<Workbench['end']>[2] = {}) {
  const { plan } = await makePlan(
    await bench.end('a', 'docs'),
    await bench.end('b', 'copy', knobs),
    { ...DRY, ...request },
    CALL,
  );
  return plan;
}

describe('a plan', () => {
  test('tells ids, fields, vectors and ends, and changes nothing', async () => {
    await bench.fill('a', 'docs', 30);
    const plan = await planned({ rename: { price: 'cost' } });
    expect(plan).toMatchObject({
      verdict: 'lossless',
      source: { ref: 'a/docs', count: 30 },
      target: { ref: 'b/copy', count: null },
      findings: [],
    });
    expect(plan.mapping.ids).toEqual({ kinds: { string: 20, integer: 10 }, encoding: 'native' });
    expect(plan.mapping.fields).toEqual([
      { name: 'price', types: { integer: 15, float: 15 }, action: 'renamed to cost' },
      { name: 'lang', types: { null: 8, string: 22 }, action: 'native' },
      { name: 'big', types: { integer: 30 }, action: 'native' },
    ]);
    expect(plan.mapping.vectors).toMatchObject([
      { name: '', targetName: '', dimension: 4, targetMetric: 'cosine', scoreChanges: false },
    ]);
    expect(plan.mapping.index).toEqual({ carried: ['kind'], dropped: [] });
    const target = await bench.end('b', 'copy');
    expect(await target.database.collections(CALL)).toEqual([]);
  });

  test('says when ids travel in the sidecar', async () => {
    await bench.fill('a', 'docs', 30);
    const plan = await planned({}, { capabilities: { idKinds: ['string', 'uuid'] } });
    expect(plan.verdict).toBe('lossless_encoded');
    expect(plan.findings).toMatchObject([{ id: 'id.encoded', count: 10, loss: false }]);
  });

  test('finds what would be lost, with counts and examples', async () => {
    const source = await bench.fill('a', 'docs', 0);
    await bench.put(source, [
      '{"id":"a","vector":[1,0,0,0],"metadata":{"price":0.12345678901234567890}}',
      '{"id":"b","vector":[1,0,0,0],"metadata":{"price":0.1,"text":"0.12345678901234567890"}}',
      `{"id":"${'c'.repeat(40)}","metadata":{"n":12345678901234567890}}`,
    ]);
    const capabilities = {
      metrics: ['dot' as const],
      optionalVectors: false,
      limits: { idBytes: 36, metadataBytes: 38 },
    };
    const plan = await planned({}, { capabilities });
    expect(plan.verdict).toBe('lossy');
    expect(plan.findings.map(({ id, count, examples, loss }) => ({ id, count, examples, loss }))).toEqual([
      { id: 'vector.unnamed.metric', count: 0, examples: [], loss: true },
      { id: 'limit.metadata', count: 1, examples: ['b'], loss: true },
      { id: 'vector.unnamed.absent', count: 1, examples: ['c'.repeat(40)], loss: true },
      { id: 'limit.id', count: 1, examples: ['c'.repeat(40)], loss: true },
      { id: 'field.price.float_precision', count: 1, examples: ['a'], loss: true },
    ]);
  });

  test('looks at every record when the target limits their size, also without a dry run', async () => {
    await bench.fill('a', 'docs', 2600);
    const long = `{"text":"${'x'.repeat(200)}"}`;
    await bench.put(await bench.end('a', 'docs'), [`{"id":"z","vector":[1,2,3,4],"metadata":${long}}`]);
    const [source, target] = [
      await bench.end('a', 'docs'),
      await bench.end('b', 'copy', { capabilities: { limits: { metadataBytes: 150 } } }),
    ];
    await expect(bench.migrate(source, target)).rejects.toMatchObject({
      code: 'lossy',
      details: { data: { findings: [{ id: 'limit.metadata', count: 1, examples: ['z'] }] } },
    });
  });

  test('shows a target that may not be written to, and ids that would meet', async () => {
    await bench.fill('a', 'docs', 10);
    await bench.fill('b', 'copy', 4, 8);
    expect((await planned()).findings).toMatchObject([{ id: 'target.not_empty', count: 4 }]);
    expect((await planned({ mode: 'append' })).findings).toMatchObject([{ id: 'target.preexisting', count: 2 }]);
    expect((await planned({ mode: 'replace' })).findings).toMatchObject([{ id: 'target.replaced', count: 4 }]);
    await expect(planned({ dryRun: false })).rejects.toMatchObject({ details: { reason: 'not_empty' } });
  });

  test.each([true, false])('refuses a source with one id twice (dry run %s)', async dryRun => {
    await bench.fill('a', 'docs', 10);
    appendFileSync(join(bench.root, 'a', 'docs.ndjson'), '+{"id":"doc-1","vector":[1,2,3,4]}\n');
    await expect(planned({ dryRun })).rejects.toMatchObject({
      details: { reason: 'duplicate_id', data: { id: 'doc-1' } },
    });
  });
});

describe('a loss', () => {
  beforeEach(async () => {
    const source = await bench.fill('a', 'docs', 0);
    await bench.put(source, ['{"id":"a","vector":[1,0,0,0],"metadata":{"price":0.12345678901234567890}}']);
  });

  test('is refused until it is accepted by its id', async () => {
    const [source, target] = [await bench.end('a', 'docs'), await bench.end('b', 'copy')];
    const error = await bench.migrate(source, target).catch(error => error);
    expect(error).toMatchObject({
      code: 'lossy',
      details: { hint: expect.stringContaining('field.price.float_precision') },
    });
    expect(await target.database.collections(CALL)).toEqual([]);
    expect(await bench.store.list()).toEqual([]);
    const result = await bench.migrate(source, target, { acceptLoss: ['field.price.float_precision'] });
    expect(result.verdict).toBe('lossy');
  });

  test('that the plan did not see stops its batch', async () => {
    const source = await bench.end('a', 'docs');
    const lines = Array.from({ length: 2100 }, (_, i) => `{"id":"Z${i}","vector":[1,0,0,0]}`);
    await bench.put(source, lines);
    const target = await bench.end('b', 'copy');
    const error = await bench
      .migrate(source, target, { rename: { price: 'cost' } }, { tuning: { batchRecords: 500 } })
      .catch(error => error);
    expect(error).toMatchObject({
      code: 'lossy',
      details: { data: { finding: 'field.price.float_precision', id: 'a' } },
    });
    const { count } = await target.database.fetch(
      target.ref,
      ['a'],
      { vectors: false, metadata: false, document: false },
      CALL,
    );
    expect(count).toBe(0);
  });
});

test('ids are told apart by kind, and doubles found among many', async () => {
  const census = new IdCensus();
  for (let i = 0; i < 200_000; i++) census.add(i % 2 ? BigInt(i) : String(i), '');
  census.add('1', '');
  census.add('7', 'p');
  census.add('a1b2c3d4-0000-4000-8000-000000000000', '');
  expect((await census.doubles()).size).toBe(0);
  expect(census.kinds).toEqual({ integer: 100_000, string: 100_002, uuid: 1 });
  census.add(99_999n, '');
  expect((await census.doubles()).size).toBe(1);
});
