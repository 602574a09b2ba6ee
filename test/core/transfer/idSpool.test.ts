import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSpool, SpoolReader, writeSpool } from '../../../src/core/transfer/idSpool.ts';
import { SeenIds } from '../../../src/core/transfer/seenIds.ts';
import { VdbError } from '../../../src/model/errors.ts';
import type { Id } from '../../../src/model/id.ts';
import type { RecordBatch } from '../../../src/model/record.ts';
import type { Knobs } from './fixtures/fileConnector.ts';
import { UNSTABLE, unstable } from './fixtures/unstable.ts';
import { CALL, record, Workbench } from './fixtures/workbench.ts';

interface Part {
  partition: string;
  ids: Id[];
}

describe('a spool', () => {
  let directory: string;
  let path: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'vdb-spool-'));
    path = join(directory, 'ids.ndjson');
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  async function* batches(parts: Part[]): AsyncGenerator<RecordBatch> {
    for (const { partition, ids } of parts)
      yield { count: ids.length, partition, ids, vectors: [], metadata: ids.map(() => undefined), bytes: 0 };
  }

  async function read(from: number, size: number): Promise<Part[]> {
    const reader = new SpoolReader((await openSpool(path))!, from);
    const parts: Part[] = [];
    for (let part = await reader.take(size); part.ids.length > 0; part = await reader.take(size)) parts.push(part);
    await reader.close();
    return parts;
  }

  const flat = (parts: Part[]) => parts.flatMap(({ partition, ids }) => ids.map(id => [partition, id]));

  test('gives back every id as it was, from any place, in pages of one partition', async () => {
    const id = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.constantFrom('{', '"', '7', '\n', '\u2028', '\r\n', '{"end":{"count":0,"crc32":"00000000"}}'),
      fc.bigInt(-(2n ** 63n), 2n ** 64n - 1n),
    );
    const part = fc.record({ partition: fc.constantFrom('', 'a', 'ü\n'), ids: fc.array(id, { maxLength: 12 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { maxLength: 6 }),
        fc.nat(30),
        fc.integer({ min: 1, max: 9 }),
        async (parts, skip, size) => {
          const spool = await writeSpool(path, batches(parts));
          const all = flat(parts);
          expect(spool.count).toBe(all.length);
          expect(await openSpool(path)).toEqual(spool);
          const pages = await read(skip, size);
          expect(flat(pages)).toEqual(all.slice(skip));
          expect(pages.every(({ ids }) => ids.length <= size)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('longer than a page of the file comes whole', async () => {
    const ids = Array.from({ length: 60_000 }, (_, i) => `record number ${i} ü`);
    await writeSpool(path, batches([{ partition: '', ids }]));
    expect(flat(await read(59_000, 700)).map(([, id]) => id)).toEqual(ids.slice(59_000));
    expect(flat(await read(0, 5000))).toHaveLength(60_000);
  });

  test('that was not written to its end, or was changed, is none', async () => {
    expect(await openSpool(path)).toBeNull();
    await writeSpool(path, batches([{ partition: 'p', ids: ['a', 7n, 'b'] }]));
    const whole = readFileSync(path);
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      expect(await openSpool(path), `${length} bytes`).toBeNull();
    }
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole);
      changed[at]! ^= 1;
      writeFileSync(path, changed);
      expect(await openSpool(path), `byte ${at}`).toBeNull();
    }
  });
});

test('an id that came is known, as its kind and in its partition, however many there are', () => {
  const seen = new SeenIds();
  for (let i = 0; i < 20_000; i++) expect(seen.add(`id-${i}`, '') && seen.add(BigInt(i), 'p')).toBe(true);
  for (let i = 0; i < 20_000; i++) expect(seen.add(`id-${i}`, '') || seen.add(BigInt(i), 'p')).toBe(false);
  expect(seen.add('7', 'p')).toBe(true);
  expect(seen.add(7n, '')).toBe(true);
  expect(seen.add('id-7', 'p')).toBe(true);
});

describe('a source that cannot be walked stably', () => {
  let bench: Workbench;
  beforeEach(() => {
    bench = new Workbench();
  });
  afterEach(() => bench.close());

  const BROKEN = () => new VdbError('denied', 'the key was revoked', { reason: 'auth' });

  async function source(): ReturnType<Workbench['end']> {
    return unstable(await bench.end('a', 'docs', UNSTABLE));
  }

  /** Writes four batches of ten at most, then fails; the job's id. */
  async function halfWay(request: Parameters<Workbench['migrate']>[2] = {}): Promise<string> {
    const target = await bench.end('b', 'copy', { fail: nth => (nth > 4 ? BROKEN() : undefined) });
    const error = await bench
      .migrate(await source(), target, request, { tuning: { concurrency: 1 } })
      .catch((thrown: VdbError) => thrown);
    expect(error).toMatchObject({ code: 'denied' });
    return (error as VdbError).details.data!.job as string;
  }

  test('is copied with each record once, and nothing of the spool stays', async () => {
    const stable = await bench.fill('a', 'docs', 95);
    const log: NonNullable<Knobs['log']> = [];
    const target = await bench.end('b', 'copy', { log });
    const result = await bench.migrate(await source(), target);
    expect(result).toMatchObject({ read: 95, written: 95, sourceChanged: 'unknown', verification: { equal: true } });
    expect(log.every(({ absent }) => absent)).toBe(true);
    expect(new Set(log.flatMap(({ ids }) => ids)).size).toBe(95);
    expect(await bench.fingerprint(target)).toBe(await bench.fingerprint(stable));
    expect(existsSync(bench.store.path(result.job, 'plan.json'))).toBe(true);
    expect(existsSync(bench.store.path(result.job, 'ids.ndjson'))).toBe(false);
  });

  test('has the fingerprint that it has when nothing comes twice', async () => {
    const stable = await bench.fill('a', 'docs', 95);
    expect(await bench.fingerprint(await source())).toBe(await bench.fingerprint(stable));
  });

  test('is resumed exactly behind what was acknowledged, whatever came and went meanwhile', async () => {
    const docs = await bench.fill('a', 'docs', 95);
    const before = await ids(docs);
    const job = await halfWay();
    const copied = await ids(await bench.end('b', 'copy'));
    expect(copied).toHaveLength(40);
    const open = before.filter(id => !copied.includes(id));
    const gone = [...copied.slice(0, 30), ...open.slice(0, 5), open.at(-1)!];
    await docs.database.remove(docs.ref, gone, CALL);
    await bench.put(
      docs,
      Array.from({ length: 30 }, (_, i) => record(500 + i)),
    );
    // As many records as the job reads: that the source changed is known from its ids alone.
    expect(await ids(docs)).toHaveLength(89);
    const log: NonNullable<Knobs['log']> = [];
    const again = await bench.end('b', 'copy', { log, fail: nth => (nth > 2 ? BROKEN() : undefined) });
    await expect(bench.resume(job, await source(), again, { tuning: { concurrency: 1 } })).rejects.toThrow();
    // What was refused is sent again.
    log.splice(2);
    const target = await bench.end('b', 'copy', { log });
    const result = await bench.resume(job, await source(), target);
    expect(result).toMatchObject({ read: 89, written: 89, sourceChanged: 'yes', verification: { equal: true } });
    const arrived = open.filter(id => !gone.includes(id));
    expect(log.flatMap(each => each.ids)).toEqual(arrived.map(String));
    expect((await ids(target)).toSorted(byText)).toEqual([...copied, ...arrived].toSorted(byText));
  });

  test('gives no record that no longer matches the filter when its turn comes', async () => {
    const docs = await bench.fill('a', 'docs', 95);
    const job = await halfWay({ where: 'price >= 10' });
    await bench.put(docs, ['{"id":"doc-94","vector":[1,1,1,1],"metadata":{"price":1}}']);
    const result = await bench.resume(job, await source(), await bench.end('b', 'copy'));
    expect(result).toMatchObject({ read: 95, written: 84, filtered: 11, verification: { equal: true } });
  });

  test('is not resumed without its ids', async () => {
    await bench.fill('a', 'docs', 95);
    const job = await halfWay();
    const path = bench.store.path(job, 'ids.ndjson');
    truncateSync(path, statSync(path).size - 1);
    const resumed = bench.resume(job, await source(), await bench.end('b', 'copy'));
    await expect(resumed).rejects.toMatchObject({ code: 'config', details: { reason: 'journal_corrupt' } });
    await bench.store.remove(job);
    expect(existsSync(path)).toBe(false);
  });
});

async function ids(end: Awaited<ReturnType<Workbench['end']>>): Promise<Id[]> {
  const found: Id[] = [];
  const request = { want: { vectors: false, metadata: false, document: false }, batchBytes: 1e6, batchRecords: 1000 };
  for await (const { batch } of end.database.scan!(end.ref, request, CALL)) found.push(...batch.ids);
  return found;
}

function byText(a: Id, b: Id): number {
  return String(a) < String(b) ? -1 : 1;
}
