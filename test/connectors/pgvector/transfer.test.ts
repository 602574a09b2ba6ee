import { afterAll, beforeAll, expect, test } from 'vitest';
import { connector as qdrant } from '../../../src/connectors/qdrant/connector.ts';
import type { Database } from '../../../src/core/connector.ts';
import { guard } from '../../../src/core/guard.ts';
import type { TransferEnd } from '../../../src/core/transfer/end.ts';
import { makePlan } from '../../../src/core/transfer/plan.ts';
import type { VectorSpec } from '../../../src/model/collection.ts';
import { parseRecords } from '../../../src/model/recordLine.ts';
import { CALL, REQUEST, Workbench } from '../../core/transfer/fixtures/workbench.ts';
import { openAny } from '../qdrant/subjects.ts';
import { newCall, openPglite, sql } from './database.ts';

let bench: Workbench;
let postgres: Awaited<ReturnType<typeof openPglite>>;
let place: Awaited<ReturnType<typeof openAny>>;
let points: Database;
const run = `t${process.pid}x${Date.now().toString(36)}`;

beforeAll(async () => {
  bench = new Workbench();
  postgres = await openPglite();
  place = await openAny();
  points = guard(await qdrant.connect(place.options, place.secrets, newCall()), qdrant);
}, 60_000);
afterAll(async () => {
  for (const { name } of await points.collections(newCall())) {
    if (name.startsWith(run)) await points.drop({ collection: name, partition: '' }, newCall());
  }
  await points.close();
  await place.close();
  await postgres.close();
  bench.close();
});

function end(provider: 'pgvector' | 'qdrant', name: string): TransferEnd {
  const database = provider === 'qdrant' ? points : postgres.database;
  return {
    ...{ connection: provider, provider, endpoint: provider, serverVersion: '1', database },
    ref: { collection: `${run}${name}`, partition: '' },
  };
}

async function made(of: TransferEnd, vectors: VectorSpec[], lines: string[]): Promise<TransferEnd> {
  await of.database.create({ name: of.ref.collection, vectors }, newCall());
  const { batches, faults } = parseRecords(lines, { vectors });
  if (faults[0]) throw faults[0].error;
  for (const batch of batches) await of.database.upsert(of.ref, batch, {}, newCall());
  return of;
}

const COPIED = { verdict: 'lossless', verification: { equal: true, pending: false, rule: null } };
const ids = (n: number) => `00000000-0000-0000-0000-${String(n).padStart(12, '0')}`;

test('multi-vectors go from Qdrant to a column of arrays and back, bit by bit', async () => {
  const spec: VectorSpec = { name: 'parts', kind: 'multi', dimension: 3, metric: 'dot', element: 'f32' };
  const dense: VectorSpec = { name: 'sum', kind: 'dense', dimension: 2, metric: 'euclidean', element: 'f32' };
  const lines = Array.from({ length: 35 }, (_, i) => {
    const rows = Array.from({ length: 1 + (i % 4) }, (_, row) => `[${i}.5,-0.0,${row + 1}e-40]`);
    return `{"id":"${ids(i)}","vectors":{"sum":[${i},1]${i % 5 === 0 ? '' : `,"parts":[${rows.join(',')}]`}},"metadata":{"i":${i}}}`;
  });
  const source = await made(end('qdrant', 'from'), [spec, dense], lines);
  const there = end('pgvector', 'there');
  expect(await bench.migrate(source, there)).toMatchObject({ ...COPIED, read: 35, written: 35 });
  expect((await there.database.describe(there.ref, newCall())).vectors).toEqual(expect.arrayContaining([spec, dense]));
  const counted = await sql(
    postgres.database,
    `select count(*) as rows, sum(cardinality(parts)) as parts from "${there.ref.collection}"`,
  );
  expect(counted).toEqual([{ rows: 35, parts: lines.join().match(/e-40/g)!.length }]);
  const back = end('qdrant', 'back');
  expect(await bench.migrate(there, back)).toMatchObject({ ...COPIED, read: 35, written: 35 });
  expect(await bench.fingerprint(back)).toBe(await bench.fingerprint(source));
});

const BITS: VectorSpec = { name: '', kind: 'dense', dimension: 12, metric: 'jaccard', element: 'bit' };
const PRINTS = [
  '{"id":"a","vector":[1,0,0,0,0,0,0,0,0,0,0,1]}',
  '{"id":"b","vector":[0,0,0,0,0,0,0,0,0,0,0,0],"metadata":{"n":1}}',
  '{"id":"c"}',
];

test('bits go from table to table as they are', async () => {
  const source = await made(end('pgvector', 'prints'), [BITS], PRINTS);
  const target = end('pgvector', 'printsCopy');
  expect(await bench.migrate(source, target)).toMatchObject({ ...COPIED, written: 3 });
  expect((await target.database.describe(target.ref, newCall())).vectors).toEqual([BITS]);
  expect(await bench.fingerprint(target)).toBe(await bench.fingerprint(source));
});

test('bits are a loss that must be accepted where the target has none, or has numbers in their place', async () => {
  const source = await made(end('pgvector', 'lost'), [BITS], PRINTS);
  const numbers = await made(end('pgvector', 'numbers'), [{ ...BITS, metric: 'dot', element: 'f32' }], []);
  for (const [target, why] of [
    [end('qdrant', 'none'), 'no bit vectors'],
    [numbers, 'elements f32, not bit'],
  ] as const) {
    const { plan } = await makePlan(source, target, { ...REQUEST, dryRun: true }, CALL);
    expect(plan).toMatchObject({
      verdict: 'lossy',
      findings: expect.arrayContaining([
        expect.objectContaining({ id: 'vector.unnamed.dropped', loss: true, action: expect.stringContaining(why) }),
      ]),
    });
    await expect(bench.migrate(source, target)).rejects.toMatchObject({ exit: 24 });
  }
  const target = end('qdrant', 'accepted');
  const result = await bench.migrate(source, target, { acceptLoss: ['vector.unnamed.dropped'] });
  expect(result).toMatchObject({ verdict: 'lossy', written: 3 });
});
