import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Database, ScanRequest } from '../../../src/core/connector.ts';
import { VdbError } from '../../../src/model/errors.ts';
import { parseFilter } from '../../../src/model/filter/parse.ts';
import type { RecordBatch } from '../../../src/model/record.ts';
import { WANT_ALL } from '../../../src/model/record.ts';
import { parseRecords } from '../../../src/model/recordLine.ts';
import { newCall, refOf } from '../../contract/directSubject.ts';
import { manyRecords, record } from '../../contract/records.ts';
import type { DoubleOptions, PineconeDouble } from '../../doubles/pinecone/pineconeDouble.ts';
import { connect, keyOf, startDouble } from './subjects.ts';

const SPEC = {
  name: 'docs',
  vectors: [{ name: '', kind: 'dense' as const, dimension: 3, metric: 'cosine' as const, element: 'f32' as const }],
};
const REF = refOf('docs');
const PAGES: ScanRequest = { want: WANT_ALL, batchBytes: 1 << 20, batchRecords: 50 };

let double: PineconeDouble;
let database: Database;

async function start(options: DoubleOptions = {}): Promise<void> {
  const place = await startDouble(options);
  double = place.double;
  database = await connect(place);
  await database.create(SPEC, newCall());
}

afterEach(async () => {
  await database.close();
  await double.close();
});

function batchOf(lines: string[]): RecordBatch {
  return parseRecords(lines, {}).batches[0]!;
}

async function write(lines: string[]): Promise<void> {
  await database.upsert(REF, batchOf(lines), {}, newCall());
}

async function scanned(request: ScanRequest = PAGES): Promise<string[]> {
  const ids: string[] = [];
  for await (const { batch } of database.scan!(REF, request, newCall())) ids.push(...batch.ids.map(String));
  return ids;
}

async function failure(work: Promise<unknown>): Promise<VdbError> {
  const error = await work.then(
    () => expect.fail('the call succeeded'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(VdbError);
  return error as VdbError;
}

describe('answers that are not what was hoped for', () => {
  beforeEach(() => start());

  test('a rate limit is busy, for as long as the server asked', async () => {
    const limit = { kind: 'status', status: 429, body: 'Too many requests' } as const;
    double.faults.add({ on: /upsert/, act: { ...limit, headers: { 'Retry-After': '12' } }, times: 1 });
    double.faults.add({ on: /upsert/, act: limit, times: 1 });
    const waits = await failure(write([record('a')]));
    expect(waits).toMatchObject({ code: 'busy', details: { reason: 'rate_limited', retryAfterMs: 12_000 } });
    expect(waits.details).toMatchObject({ outcome: 'not_applied', cause: 'Too many requests' });
    const plain = await failure(write([record('a')]));
    expect(plain.details.retryAfterMs).toBeUndefined();
    await write([record('a')]);
  });

  test('a batch of which some requests were taken says so', async () => {
    // Six megabytes, so four requests or more; all but the first are refused.
    const lines = Array.from({ length: 160 }, (_, i) => record(`r${i}`, { document: 'x'.repeat(39_000) }));
    double.faults.add({ on: /upsert/, after: 1, act: { kind: 'status', status: 429 } });
    const error = await failure(write(lines));
    expect(error).toMatchObject({ code: 'busy', details: { outcome: 'partially_applied' } });
    double.faults.clear();
    await write(lines);
    expect(await scanned()).toHaveLength(160);
    const sizes = double.requests.filter(line => line.includes('upsert'));
    expect(sizes.length).toBeGreaterThan(4);
  });

  test('statuses mean what they mean', async () => {
    const seen: Record<number, string> = {};
    for (const status of [302, 400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 503]) {
      double.faults.add({
        on: /fetch/,
        act: { kind: 'status', status, headers: { Location: `${double.url}/elsewhere` } },
        times: 2,
      });
      const error = await failure(database.fetch(REF, ['a'], WANT_ALL, newCall()));
      seen[status] = [error.code, error.details.reason].filter(Boolean).join(' ');
      double.faults.clear();
    }
    expect(seen).toEqual({
      302: 'protocol redirect',
      400: 'invalid',
      401: 'denied auth',
      403: 'denied forbidden',
      404: 'not_found',
      408: 'timeout',
      409: 'exists',
      413: 'invalid too_large',
      422: 'invalid',
      429: 'busy rate_limited',
      500: 'unreachable',
      503: 'busy',
    });
    expect(double.requests.some(line => line.includes('elsewhere'))).toBe(false);
  });

  test('the control plane keeps its statuses and words through the SDK', async () => {
    const quota = { status: 403, error: { code: 'QUOTA_EXCEEDED', message: 'max serverless indexes' } };
    for (const [status, body, code] of [
      [403, JSON.stringify(quota), 'denied'],
      [429, 'slow down', 'busy'],
      [500, '{"status":500,"error":{"code":"UNKNOWN","message":"oops"}}', 'unreachable'],
    ] as const) {
      double.faults.add({ on: /POST \/indexes/, act: { kind: 'status', status, body }, times: 1 });
      const error = await failure(database.create({ ...SPEC, name: 'more' }, newCall()));
      expect(error.code).toBe(code);
      expect(error.details.cause).toMatch(/max serverless|slow down|oops/);
    }
  });

  test('an answer cut off, cut short, or of another dimension is no answer', async () => {
    await write(manyRecords(20));
    const read = () => failure(database.fetch(REF, ['r001', 'r002'], WANT_ALL, newCall()));
    double.faults.add({ on: /fetch/, act: { kind: 'reset', afterBytes: 40 }, times: 1 });
    expect(await read()).toMatchObject({ code: 'unreachable', details: { reason: 'reset', outcome: 'not_applied' } });
    double.faults.add({ on: /fetch/, act: { kind: 'truncate' }, times: 1 });
    expect(await read()).toMatchObject({ code: 'protocol', details: { reason: 'bad_answer' } });
    double.faults.add({ on: /fetch/, act: { kind: 'wrongDimension' }, times: 1 });
    expect(await read()).toMatchObject({ code: 'protocol', details: { reason: 'bad_answer' } });
    double.faults.add({ on: /indexes/, act: { kind: 'truncate' }, times: 1 });
    expect(await failure(database.describe(REF, newCall()))).toMatchObject({ code: 'protocol' });
    double.faults.add({ on: /upsert/, act: { kind: 'reset', afterBytes: 5 }, times: 1 });
    expect((await failure(write([record('a')]))).details.outcome).toBe('unknown');
  });

  test('a slow answer is waited for until the caller leaves', async () => {
    await write(manyRecords(3));
    double.faults.add({ on: /fetch/, act: { kind: 'drip', ms: 1 }, times: 1 });
    expect((await database.fetch(REF, ['r001'], WANT_ALL, newCall())).count).toBe(1);
    double.faults.add({ on: /fetch/, act: { kind: 'delay', ms: 5_000 } });
    const signal = AbortSignal.timeout(50);
    const late = await failure(database.fetch(REF, ['r001'], WANT_ALL, { signal, deadlineMs: 50 }));
    expect(late).toMatchObject({ code: 'timeout', details: { outcome: 'not_applied' } });
  });

  test('an index that is dropped and made anew by others is found again', async () => {
    await write([record('a')]);
    const other = await connect({
      options: { controllerUrl: double.url },
      secrets: { apiKey: keyOf(double) },
      close: async () => undefined,
    });
    await other.drop(REF, newCall());
    expect(await failure(database.fetch(REF, ['a'], WANT_ALL, newCall()))).toMatchObject({ code: 'not_found' });
    await other.create(SPEC, newCall());
    expect((await database.fetch(REF, ['a'], WANT_ALL, newCall())).count).toBe(0);
    await other.close();
  });
});

describe('pages of ids', () => {
  beforeEach(() => start());

  test('a token that dies costs nothing but time', async () => {
    await write(manyRecords(450));
    const all = await scanned();
    expect(all).toHaveLength(450);
    const got: string[] = [];
    let pages = 0;
    for await (const { batch } of database.scan!(REF, PAGES, newCall())) {
      got.push(...batch.ids.map(String));
      if (pages++ % 3 === 0) double.killTokens();
    }
    expect(got).toEqual(all);
  });

  test('a cursor outlives its token, the records around it and the connection', async () => {
    await write(manyRecords(450));
    const all = await scanned();
    for await (const { batch, cursor } of database.scan!(REF, { ...PAGES, batchRecords: 130 }, newCall())) {
      const last = String(batch.ids.at(-1));
      double.killTokens();
      await database.remove(REF, [last], newCall());
      const rest = await scanned({ ...PAGES, after: JSON.parse(JSON.stringify(cursor)) });
      expect(rest).toEqual(all.filter(id => id > last));
      break;
    }
  });

  test('a token that never works ends in an error, not in a circle', async () => {
    await write(manyRecords(250));
    double.faults.add({ on: /list.*paginationToken/, act: { kind: 'status', status: 400, body: 'bad token' } });
    expect(await failure(scanned())).toMatchObject({ code: 'invalid' });
  });

  test('cursors stay below 1 KiB with the longest ids and partitions', async () => {
    const partition = '"'.repeat(512);
    const ids = ['a', 'b', 'c'].map(id => `"\\`.repeat(250) + id);
    const ref = { collection: 'docs', partition };
    await database.upsert(ref, { ...batchOf(ids.map(id => record(id))), partition }, {}, newCall());
    const request = { ...PAGES, batchRecords: 1 };
    for (const where of [refOf('docs'), ref]) {
      for await (const { batch, cursor } of database.scan!(where, request, newCall())) {
        const text = JSON.stringify(cursor);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024);
        const rest: string[] = [];
        for await (const page of database.scan!(where, { ...request, after: JSON.parse(text) }, newCall())) {
          expect(page.batch.partition).toBe(partition);
          rest.push(...page.batch.ids.map(String));
        }
        expect(rest).toEqual(ids.filter(id => id > String(batch.ids[0])));
      }
    }
  });

  test('a scan for ids alone reads no records', async () => {
    await write(manyRecords(120));
    const before = double.requests.length;
    expect(await scanned({ ...PAGES, want: { vectors: false, metadata: false, document: false } })).toHaveLength(120);
    expect(double.requests.slice(before).filter(line => line.includes('/fetch'))).toEqual([]);
  });
});

describe('eventual consistency', () => {
  test('settle waits until reads show what was written', async () => {
    await start({ staleMs: 300 });
    await write(manyRecords(5));
    expect(await scanned()).toEqual([]);
    expect(await database.describe(REF, newCall())).toMatchObject({ count: 0, countExact: false });
    expect(await database.count!(REF, { exact: false }, newCall())).toEqual({ count: 0, exact: false });
    await database.settle!(REF, newCall());
    expect(await scanned()).toHaveLength(5);
    expect(await database.describe(REF, newCall())).toMatchObject({ count: 5, countExact: true });
  });

  test('an exact count, an update and a delete by filter wait for our own writes by themselves', async () => {
    await start({ staleMs: 150 });
    await write(manyRecords(5));
    expect(await database.count!(REF, { exact: true }, newCall())).toEqual({ count: 5, exact: true });
    await write([record('late', { metadata: '{"n":1}' })]);
    expect(await database.update!(REF, ['late'], { set: { n: '2' }, unset: [] }, newCall())).toBe(1);
    expect(await database.removeWhere!(REF, parseFilter('n = 2'), newCall())).toBe(2);
    await write([record(7n)]);
    expect(await failure(write([record('7')]))).toMatchObject({ details: { reason: 'duplicate_id' } });
    expect(await database.clear!(REF, newCall())).toBe(5);
  });
});

describe('making and dropping', () => {
  test('wait until the index is ready, and until it is gone', async () => {
    const place = await startDouble({ settingUpMs: 250 });
    double = place.double;
    database = await connect(place);
    const start = performance.now();
    await database.create(SPEC, newCall());
    await write([record('a')]);
    expect(performance.now() - start).toBeGreaterThan(240);
    const before = double.requests.length;
    await database.drop(REF, newCall());
    const polls = double.requests.slice(before).filter(line => line === 'GET /indexes/docs');
    expect(polls.length).toBeGreaterThan(2);
    expect(await failure(database.describe(REF, newCall()))).toMatchObject({ code: 'not_found' });
  });

  test('an index under deletion protection stays', async () => {
    await start();
    await database.create({ ...SPEC, name: 'safe', indexOptions: { deletionProtection: 'true' } }, newCall());
    const error = await failure(database.drop(refOf('safe'), newCall()));
    expect(error).toMatchObject({ code: 'denied', details: { reason: 'forbidden' } });
    expect(error.details.hint).toMatch(/deletion protection/);
  });

  test('names, options and shapes that Pinecone has not are refused before anything is asked', async () => {
    await start();
    const before = double.requests.length;
    const attempts: [object, string][] = [
      [{ name: 'My_Docs' }, 'invalid'],
      [{ name: '-a' }, 'invalid'],
      [{ indexOptions: { pods: '1' } }, 'unsupported'],
      [{ indexOptions: { cloud: 'moon' } }, 'unsupported'],
      [{ indexOptions: { deletionProtection: 'maybe' } }, 'usage'],
      [{ indexOptions: { sparse: 'true' } }, 'unsupported'],
      [{ vectors: [{ ...SPEC.vectors[0]!, name: 'title' }] }, 'unsupported'],
      [{ vectors: [] }, 'unsupported'],
    ];
    for (const [change, code] of attempts) {
      expect(await failure(database.create({ ...SPEC, name: 'fresh', ...change }, newCall()))).toMatchObject({ code });
    }
    expect(double.requests).toHaveLength(before);
    const error = await failure(database.create({ ...SPEC, name: 'My_Docs' }, newCall()));
    expect(error.details.hint).toContain("'my-docs'");
  });
});
