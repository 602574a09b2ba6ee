import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { floatText } from '../../../src/connectors/chroma/floatText.ts';
import type { Database } from '../../../src/core/connector.ts';
import { matcher } from '../../../src/model/filter/evaluate.ts';
import type { Filter } from '../../../src/model/filter/filter.ts';
import { printExact } from '../../../src/model/json/exact.ts';
import type { RecordBatch } from '../../../src/model/record.ts';
import { directSubject, newCall, refOf, splitFilter } from '../../contract/directSubject.ts';
import { record } from '../../contract/records.ts';
import { expectRecords } from '../../contract/sameRecords.ts';
import { describeServer } from '../../servers/server.ts';
import { freshName, openChroma } from './database.ts';

const INTEGERS = [
  ...[0n, 1n, -1n, 2n, -2n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 53n - 1n, -(2n ** 53n) - 1n],
  ...[2n ** 62n, 2n ** 62n + 1n, 2n ** 63n - 1n, 2n ** 63n - 512n, -(2n ** 63n), -(2n ** 63n) + 1n],
];
const FLOATS = [
  ...[0, -0, 1, -1, 1.5, -1.5, 0.5, -0.5, 1.0000000000000002, 0.9999999999999999, 2 ** 53, 2 ** 53 + 2, 2 ** 62],
  ...[2 ** 63, 2 ** 63 + 2048, 2 ** 64, -(2 ** 63), -(2 ** 63) - 2048, 1e21, -1e21, 1e300, -1e300, 5e-324, -5e-324],
  ...[
    1.7976931348623157e308, 0.1, 0.30000000000000004, 1.7477676161926593e-9, 1.7477676161926595e-9,
    5.8555353835474384e-9,
  ],
];
const BEYOND = [2n ** 63n, 2n ** 64n - 1n];

test('a spelling is the float, for any reader that rounds correctly', () => {
  const float = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(float, value => {
      const text = floatText(value);
      if (text === undefined) return;
      expect(Number(text) === value).toBe(true);
      expect(text).toMatch(/^-?\d{1,20}e-?\d+$/);
    }),
    { numRuns: 2000 },
  );
});

describeServer('chroma', ({ url }) => {
  let database: Database;
  beforeAll(async () => {
    database = await openChroma(url);
  });
  afterAll(() => database.close());

  const collection = async (values: string[]): Promise<string> => {
    const name = freshName();
    const vectors = [
      { name: '', kind: 'dense' as const, dimension: 1, metric: 'dot' as const, element: 'f32' as const },
    ];
    await database.create({ name, vectors }, newCall());
    const lines = values.map((value, i) => record(`r${i}`, { vector: [1], metadata: `{"v":${value}}` }));
    await directSubject(() => database).upsert(name, lines);
    return name;
  };

  test('floats of any digits come back as they were', async () => {
    const bits = new DataView(new ArrayBuffer(8));
    const values: number[] = [];
    let state = 7n;
    while (values.length < 2000) {
      state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
      bits.setBigUint64(0, state ^ (state >> 29n));
      if (Number.isFinite(bits.getFloat64(0))) values.push(bits.getFloat64(0));
      values.push(Number(state >> 11n) / 2 ** 53);
    }
    const name = await collection(values.map(printExact));
    const lines = values.map((value, i) => record(`r${i}`, { vector: [1], metadata: `{"v":${printExact(value)}}` }));
    expectRecords((await directSubject(() => database).scan(name)).lines, lines);
    await database.drop(refOf(name), newCall());
  });

  test('numbers are compared by their exact values, whatever their types', async () => {
    const spelled = [...INTEGERS.map(String), ...FLOATS.map(printExact), ...BEYOND.map(String), '"1"', 'true'];
    const plain = [...INTEGERS, ...FLOATS];
    const name = await collection(spelled);
    const without = await collection(spelled.filter(text => !BEYOND.map(String).includes(text)));
    const literals = [...plain, ...BEYOND, -(2n ** 63n) - 1n, 3.5, -3.5];
    let native = 0;
    for (const value of literals) {
      for (const op of ['eq', 'lt', 'lte', 'gt', 'gte'] as const) {
        for (const negated of [false, true]) {
          const leaf: Filter = { op, field: ['v'], value };
          const filter: Filter = negated ? { op: 'not', arg: leaf } : leaf;
          const kept = spelled.filter(text => !BEYOND.map(String).includes(text));
          const matches = matcher(filter);
          const wanted = kept.flatMap((text, i) => (matches(`r${i}`, `{"v":${text}}`) ? [`r${i}`] : []));
          const split = await splitFilter(database, refOf(without), filter);
          if (split.native === null) continue;
          native++;
          const shown = `${negated ? 'not ' : ''}v ${op} ${value}`;
          expect((await idsWhere(without, split.native)).sort(), shown).toEqual(wanted.sort());
        }
      }
    }
    expect(native).toBeGreaterThan(150);
    // A value that only the sidecar holds leaves the field to the evaluator.
    const filter: Filter = { op: 'gt', field: ['v'], value: 1n };
    expect(await splitFilter(database, refOf(name), filter)).toEqual({ native: null, residual: filter });
    for (const each of [name, without]) await database.drop(refOf(each), newCall());
  });

  async function idsWhere(name: string, filter: Filter): Promise<string[]> {
    const want = { vectors: false, metadata: false, document: false };
    const request = { filter, want, batchBytes: 1 << 20, batchRecords: 1000 };
    const batches: RecordBatch[] = [];
    for await (const { batch } of database.scan!(refOf(name), request, newCall())) batches.push(batch);
    return batches.flatMap(batch => batch.ids.map(String));
  }
});
