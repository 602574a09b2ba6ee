import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { forgetStore } from '../../src/connectors/memory/store.ts';
import type { Database, ScanPage } from '../../src/core/connector.ts';
import { guard } from '../../src/core/guard.ts';
import { Limiter, limited } from '../../src/core/limits.ts';
import { retried, retry } from '../../src/core/retry.ts';
import { VdbError } from '../../src/model/errors.ts';
import { WANT_ALL } from '../../src/model/record.ts';
import { parseRecords } from '../../src/model/recordLine.ts';
import { connectorWith, failure, newCall, rawError } from './fakeDatabase.ts';

const docs = { collection: 'docs', partition: '' };
const policy = { attempts: 4, baseMs: 1, capMs: 10 };
const busy = (details: object = {}) =>
  new VdbError('busy', 'slow down', { reason: 'rate_limited', outcome: 'not_applied', ...details });

afterEach(() => forgetStore('retry'));

async function opened(change: (database: Database) => Partial<Record<keyof Database, unknown>>): Promise<Database> {
  const connector = connectorWith(change);
  const database = guard(await connector.connect({ path: 'retry' }, {}, newCall()), connector);
  await database.create({ name: 'docs', vectors: [] }, newCall());
  return database;
}

test('at most so many run, more wait in order, the next is refused', async () => {
  let [running, most] = [0, 0];
  const database = await opened(() => ({
    ping: async () => {
      most = Math.max(most, ++running);
      await sleep(20);
      running--;
      return { serverVersion: '1' };
    },
  }));
  const slow = limited(database, new Limiter(2, 3));
  const calls = Array.from({ length: 5 }, () => slow.ping(newCall()));
  expect(await failure(slow.ping(newCall()))).toMatchObject({
    code: 'busy',
    details: { reason: 'queue_full', outcome: 'not_applied' },
  });
  await Promise.all(calls);
  expect(most).toBe(2);
  await slow.ping(newCall());
});

test('who leaves the queue is told so, and takes no turn', async () => {
  const database = await opened(() => ({ ping: () => sleep(50, { serverVersion: '1' }) }));
  const slow = limited(database, new Limiter(1, 10));
  const first = slow.ping(newCall());
  const controller = new AbortController();
  const second = slow.ping(newCall(controller.signal));
  const third = slow.ping(newCall());
  controller.abort(new VdbError('cancelled', 'left'));
  expect(await failure(second)).toMatchObject({ code: 'cancelled', details: { outcome: 'not_applied' } });
  await Promise.all([first, third]);
});

test('an exclusive engine can be read and written by one caller at once', async () => {
  const database = limited(await opened(() => ({})), new Limiter(1, 10));
  const batch = parseRecords(['{"id":"a"}', '{"id":"b"}', '{"id":"c"}'], {}).batches[0]!;
  await database.upsert(docs, batch, {}, newCall());
  let pages = 0;
  for await (const page of database.scan!(docs, { want: WANT_ALL, batchBytes: 1, batchRecords: 1 }, newCall())) {
    await database.remove(docs, page.batch.ids, newCall());
    pages++;
  }
  expect(pages).toBe(3);
});

test('repeats what had no effect, and idempotent calls; nothing else', async () => {
  const attempts = async (error: VdbError, idempotent: boolean): Promise<number> => {
    let count = 0;
    const attempt = async (): Promise<never> => {
      count++;
      throw error;
    };
    await failure(retry(attempt, { idempotent, call: newCall(), policy }));
    return count;
  };
  expect(await attempts(busy(), false)).toBe(4);
  expect(await attempts(busy({ outcome: 'unknown' }), false)).toBe(1);
  expect(await attempts(busy({ outcome: 'unknown' }), true)).toBe(4);
  expect(await attempts(new VdbError('invalid', 'no'), true)).toBe(1);
  expect(await attempts(new VdbError('timeout', 'late', { retryable: true }), true)).toBe(1);
});

test('waits as long as the server asks, but not beyond the deadline', async () => {
  let count = 0;
  const attempt = async () => {
    if (++count === 1) throw busy({ retryAfterMs: 60 });
    return count;
  };
  const started = performance.now();
  expect(await retry(attempt, { idempotent: true, call: newCall(), policy })).toBe(2);
  expect(performance.now() - started).toBeGreaterThanOrEqual(58);
  count = 0;
  const late = { idempotent: true, call: newCall(undefined, 50), policy };
  expect(await failure(retry(attempt, late))).toMatchObject({ code: 'busy' });
  expect(count).toBe(1);
});

test('a retried upsert goes without absent; a create of unknown outcome is not repeated', async () => {
  const seen: unknown[] = [];
  const fail = (args: unknown[], from: number) => {
    seen.push(args.at(-2));
    if (seen.length < from) throw rawError('ECONNRESET');
  };
  const database = await opened(db => ({
    upsert: async (...args: Parameters<Database['upsert']>) => {
      fail(args, 3);
      return db.upsert(...args);
    },
    drop: async () => {
      throw rawError('ECONNRESET');
    },
  }));
  const again = retried(database, policy);
  await again.upsert(docs, parseRecords(['{"id":"a"}'], {}).batches[0]!, { absent: true }, newCall());
  expect(seen).toEqual([{ absent: true }, { absent: false }, { absent: false }]);
  const error = await failure(again.drop(docs, newCall()));
  expect(error.details).toMatchObject({ outcome: 'unknown' });
  expect(error.details.attempts).toBeUndefined();
});

test('a scan continues behind its last page', async () => {
  let broken = 0;
  const database = await opened(db => ({
    scan: async function* (...args: Parameters<NonNullable<Database['scan']>>) {
      let pages = 0;
      for await (const page of db.scan!(...args)) {
        if (pages++ === 2 && broken++ < 3) throw rawError('ECONNRESET');
        yield page;
      }
    },
  }));
  const lines = Array.from({ length: 20 }, (_, i) => `{"id":"r${String(i).padStart(2, '0')}"}`);
  await database.upsert(docs, parseRecords(lines, {}).batches[0]!, {}, newCall());
  const read: unknown[] = [];
  const pages = retried(database, policy).scan!(
    docs,
    { want: WANT_ALL, batchBytes: 1, batchRecords: 1, limit: 15 },
    newCall(),
  );
  for await (const { batch } of pages as AsyncIterable<ScanPage>) read.push(...batch.ids);
  expect(read).toEqual(lines.slice(0, 15).map(line => JSON.parse(line).id));
  expect(broken).toBeGreaterThanOrEqual(3);
});
