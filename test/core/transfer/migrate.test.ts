import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Database, JsonValue } from '../../../src/core/connector.ts';
import { readDeadLetters } from '../../../src/core/transfer/deadLetters.ts';
import type { TransferEnd } from '../../../src/core/transfer/end.ts';
import { VdbError } from '../../../src/model/errors.ts';
import type { Knobs } from './fixtures/fileConnector.ts';
import { CALL, Workbench } from './fixtures/workbench.ts';

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => bench.close());

function balanced(result: {
  read: number;
  written: number;
  filtered: number;
  deadLettered: number;
  preexisting: number;
}) {
  expect(result.written + result.filtered + result.deadLettered + result.preexisting).toBe(result.read);
}

const BROKEN = () => new VdbError('denied', 'the key was revoked', { reason: 'auth' });

describe('a copy', () => {
  test('is equal, creates its target, and says so', async () => {
    const source = await bench.fill('a', 'docs', 95);
    const target = await bench.end('b', 'copy');
    const result = await bench.migrate(source, target);
    expect(result).toMatchObject({ read: 95, written: 95, filtered: 0, deadLettered: 0, verdict: 'lossless' });
    balanced(result);
    expect(result.verification).toMatchObject({
      equal: true,
      level: 'full',
      rule: null,
      equalRecords: 95,
      pending: false,
    });
    expect(result.verification!.source.fingerprint).toBe(await bench.fingerprint(source));
    expect(await bench.fingerprint(target)).toBe(await bench.fingerprint(source));
    expect((await bench.store.show(result.job)).state).toBe('done');
  });

  test('of an empty collection is done', async () => {
    const result = await bench.migrate(await bench.fill('a', 'docs', 0), await bench.end('b', 'copy'));
    expect(result).toMatchObject({ read: 0, written: 0 });
    expect(result.verification?.equal).toBe(true);
  });

  test('filters and renames, and balances', async () => {
    const source = await bench.fill('a', 'docs', 40);
    const target = await bench.end('b', 'copy');
    // `lang exists` is not native to the fixture and is checked here; who evaluates a filter does not change the totals.
    const result = await bench.migrate(source, target, {
      where: 'price < 20 AND lang exists',
      rename: { price: 'cost' },
    });
    expect(result).toMatchObject({ read: 40, written: 15, filtered: 25 });
    balanced(result);
    expect(result.verification?.equal).toBe(true);
    const { metadata } = await target.database.fetch(
      target.ref,
      ['doc-1'],
      { vectors: false, metadata: true, document: false },
      CALL,
    );
    expect(metadata).toEqual(['{"cost":1.0,"lang":"de","big":9007199254740994}']);
  });

  test('of several ranges is whole', async () => {
    const ranges: NonNullable<Database['ranges']> = async (): Promise<JsonValue[]> => [
      { to: 's:doc-2' },
      { from: 's:doc-2', to: 's:doc-5' },
      { from: 's:doc-5' },
    ];
    const filled = await bench.fill('a', 'docs', 60);
    const source = await bench.end('a', 'docs', { verbs: { ranges } });
    const { plan } = await planWith(bench, source, ranges);
    expect(plan.ranges).toHaveLength(3);
    const target = await bench.end('b', 'copy');
    const result = await bench.resume(plan.id, source, target);
    expect(result).toMatchObject({ read: 60, written: 60 });
    expect(await bench.fingerprint(target)).toBe(await bench.fingerprint(filled));
  });

  test('keeps acknowledgements in order when writers overtake each other', async () => {
    const source = await bench.fill('a', 'docs', 80);
    const knobs: Knobs = { delay: nth => (nth % 4 === 1 ? 30 : 0) };
    const target = await bench.end('b', 'copy', knobs);
    const result = await bench.migrate(source, target);
    expect(result.verification?.equal).toBe(true);
    const lines = readFileSync(bench.store.path(result.job, 'journal.ndjson'), 'utf8').split('\n');
    const numbers = lines.flatMap(line => /"n":(\d+)/.exec(line)?.[1] ?? []).map(Number);
    expect(numbers).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});

describe('a target that is there', () => {
  test('is refused unless empty, added to, or replaced', async () => {
    const source = await bench.fill('a', 'docs', 20);
    const target = await bench.fill('b', 'copy', 3, 100);
    await expect(bench.migrate(source, target)).rejects.toMatchObject({
      code: 'exists',
      details: { reason: 'not_empty' },
    });
    await expect(bench.migrate(source, target, { mode: 'create' })).rejects.toMatchObject({ code: 'exists' });
    const appended = await bench.migrate(source, target, { mode: 'append' });
    expect(appended).toMatchObject({ written: 20, preexisting: 0 });
    expect(appended.verification).toMatchObject({ equal: true, level: 'full:one-way', target: { count: 23 } });
    const replaced = await bench.migrate(source, target, { mode: 'replace' });
    expect(replaced.verification).toMatchObject({ equal: true, level: 'full', target: { count: 20 } });
  });

  test('keeps its records when an id meets one, unless overwriting', async () => {
    const source = await bench.fill('a', 'docs', 20);
    const target = await bench.fill('b', 'copy', 0);
    await bench.put(target, [
      '{"id":"doc-1","vector":[1,1,1,1],"metadata":{"mine":true}}',
      '{"id":"other","vector":[0,0,0,1]}',
    ]);
    await expect(bench.migrate(source, target, { mode: 'append' })).rejects.toMatchObject({
      code: 'exists',
      details: { outcome: 'not_applied' },
    });
    expect((await target.database.count!(target.ref, { exact: true }, CALL)).count, 'seen before the first write').toBe(
      2,
    );
    const want = { vectors: false, metadata: true, document: false };
    expect((await target.database.fetch(target.ref, ['doc-1'], want, CALL)).metadata).toEqual(['{"mine":true}']);
    await bench.migrate(source, target, { mode: 'replace' });
    await bench.put(target, ['{"id":"doc-1","vector":[1,1,1,1],"metadata":{"mine":true}}']);
    const result = await bench.migrate(source, target, { mode: 'append', overwrite: true });
    expect(result).toMatchObject({ written: 0, preexisting: 20, read: 20 });
    expect(result.verification?.equal).toBe(true);
  });

  test('that is the source is refused', async () => {
    const source = await bench.fill('a', 'docs', 2);
    await expect(bench.migrate(source, source)).rejects.toMatchObject({ code: 'invalid' });
  });

  test('with other dimensions is refused before anything is written', async () => {
    const source = await bench.fill('a', 'docs', 2);
    const target = await bench.end('b', 'copy');
    const vectors = [
      { name: '', kind: 'dense' as const, dimension: 5, metric: 'cosine' as const, element: 'f32' as const },
    ];
    await target.database.create({ name: 'copy', vectors }, CALL);
    await expect(bench.migrate(source, target)).rejects.toMatchObject({ details: { reason: 'dimension_mismatch' } });
  });
});

describe('a target that fails', () => {
  test('lost answers and half-applied batches leave no doubles', async () => {
    const source = await bench.fill('a', 'docs', 60);
    const log: NonNullable<Knobs['log']> = [];
    const target = await bench.end('b', 'copy', { log, dropAck: nth => nth === 2, halfApply: nth => nth === 5 });
    const result = await bench.migrate(source, target);
    expect(result.verification).toMatchObject({ equal: true, target: { count: 60 } });
    const seen = new Set<string>();
    for (const { ids, absent } of log) {
      if (seen.has(ids[0]!)) expect(absent).toBe(false);
      seen.add(ids[0]!);
    }
    expect(log.some(({ absent }) => absent)).toBe(true);
  });

  test('a batch that was acknowledged and never applied is found', async () => {
    const source = await bench.fill('a', 'docs', 40);
    const target = await bench.end('b', 'copy', { lie: nth => nth === 3 });
    const result = await bench.migrate(source, target);
    expect(result.verification).toMatchObject({ equal: false, pending: false, onlyInSource: 10, different: 0 });
    expect((await bench.store.show(result.job)).state).toBe('failed');
  });

  test('poison stops at the first record and names it', async () => {
    const source = await bench.fill('a', 'docs', 40);
    const target = await bench.end('b', 'copy', { poison: new Set(['doc-13']) });
    const error = await bench.migrate(source, target).catch(error => error);
    expect(error).toMatchObject({ code: 'invalid', details: { reason: 'too_large', data: { id: 'doc-13' } } });
    expect((await bench.store.show(error.details.data.job)).state).toBe('failed');
  });

  test('poison within the limit goes aside, and everything else arrives once', async () => {
    const source = await bench.fill('a', 'docs', 40);
    const target = await bench.end('b', 'copy', { poison: new Set(['doc-13', 'doc-14', 'doc-31']) });
    const result = await bench.migrate(source, target, { maxErrors: 3 });
    expect(result).toMatchObject({ read: 40, written: 37, deadLettered: 3 });
    balanced(result);
    expect(result.verification).toMatchObject({ equal: true, target: { count: 37 } });
    const letters = await readDeadLetters(result.deadLetters!);
    expect(
      letters.map(({ id, inTarget, code }) => ({ id, inTarget, code })).sort((a, b) => (a.id < b.id ? -1 : 1)),
    ).toEqual(['doc-13', 'doc-14', 'doc-31'].map(id => ({ id, inTarget: false, code: 'invalid' })));
    expect(JSON.parse(letters[0]!.record).id).toBe(letters[0]!.id);
    expect((await bench.store.show(result.job)).state).toBe('partial');
    await expect(
      bench.migrate(source, await bench.end('b', 'more', { poison: new Set(['doc-1', 'doc-2']) }), { maxErrors: 1 }),
    ).rejects.toMatchObject({
      code: 'invalid',
    });
  });

  test('denied stops at once, and the job resumes without absent', async () => {
    const source = await bench.fill('a', 'docs', 60);
    const target = await bench.end('b', 'copy', { fail: nth => (nth >= 4 ? BROKEN() : undefined) });
    const error = await bench.migrate(source, target, { maxErrors: 100 }).catch(error => error);
    expect(error).toMatchObject({ code: 'denied' });
    const log: NonNullable<Knobs['log']> = [];
    const result = await bench.resume(error.details.data.job, source, await bench.end('b', 'copy', { log }));
    expect(result).toMatchObject({ read: 60, written: 60 });
    expect(result.verification?.equal).toBe(true);
    expect(log.length).toBeGreaterThan(0);
    expect(log.every(({ absent }) => !absent)).toBe(true);
  });

  test('a store that shows its writes late is waited for, then pending', async () => {
    const source = await bench.fill('a', 'docs', 30);
    const capabilities = { immediate: false };
    const soon = await bench.end('b', 'soon', { capabilities, stale: { reads: 3, shown: 12 } });
    expect((await bench.migrate(source, soon, {}, { tuning: { visibleMs: 5000 } })).verification?.equal).toBe(true);
    const late = await bench.end('b', 'late', { capabilities, stale: { reads: 1e9, shown: 12 } });
    const result = await bench.migrate(source, late);
    expect(result.verification).toMatchObject({ equal: false, pending: true });
  });
});

describe('cancelling', () => {
  test('acknowledges what is under way, and the job resumes', async () => {
    const source = await bench.fill('a', 'docs', 200);
    const abort = new AbortController();
    const slow = await bench.end('b', 'copy', {
      delay: nth => {
        if (nth === 6) abort.abort();
        return 10;
      },
    });
    const error = await bench.migrate(source, slow, {}, { signal: abort.signal }).catch(error => error);
    expect(error).toMatchObject({ code: 'cancelled' });
    const job = error.details.data.job as string;
    const { state, done } = await bench.store.show(job);
    expect(state).toBe('cancelled');
    const target = await bench.end('b', 'copy');
    expect((await target.database.count!(target.ref, { exact: true }, CALL)).count).toBe(done);
    const result = await bench.resume(job, source, target);
    expect(result).toMatchObject({ read: 200, written: 200 });
    expect(result.verification?.equal).toBe(true);
  });
});

describe('a job', () => {
  test('that is done writes nothing when resumed, and gives its result', async () => {
    const source = await bench.fill('a', 'docs', 20);
    const result = await bench.migrate(source, await bench.end('b', 'copy'));
    const log: NonNullable<Knobs['log']> = [];
    expect(await bench.resume(result.job, source, await bench.end('b', 'copy', { log }))).toEqual(result);
    expect(log).toEqual([]);
  });

  test('of another target is not resumed', async () => {
    const source = await bench.fill('a', 'docs', 20);
    const target = await bench.end('b', 'copy', { fail: () => BROKEN() });
    const error = await bench.migrate(source, target).catch(error => error);
    await expect(bench.resume(error.details.data.job, source, await bench.end('b', 'elsewhere'))).rejects.toMatchObject(
      {
        code: 'invalid',
        details: { reason: 'job_mismatch' },
      },
    );
  });

  test('has its target collection to itself', async () => {
    const source = await bench.fill('a', 'docs', 40);
    let second: Promise<unknown> | undefined;
    const target = await bench.end('b', 'copy', {
      delay: () => {
        second ??= bench
          .fill('a', 'more', 3, 1000)
          .then(async more => bench.migrate(more, await bench.end('b', 'copy'), { mode: 'append' }));
        second.catch(() => undefined);
        return 40;
      },
    });
    await bench.migrate(source, target);
    await expect(second).rejects.toMatchObject({ code: 'busy', details: { reason: 'locked' } });
  });

  test('releases its pin when done and keeps it while it can resume', async () => {
    const pins = new Set<string>();
    const verbs: Partial<Database> = {
      pins: async () => [...pins],
      release: async pin => void pins.delete(pin),
    };
    await bench.fill('a', 'docs', 20);
    const source = await bench.end('a', 'docs', { verbs });
    const scan = source.database.scan!;
    source.database.scan = (ref, request, call) => {
      if (request.pin) pins.add(request.pin);
      return scan(ref, request, call);
    };
    const target = await bench.end('b', 'copy', { fail: () => BROKEN() });
    const error = await bench.migrate(source, target).catch(error => error);
    expect([...pins]).toEqual([bench.store.pinOf(error.details.data.job)]);
    expect(await bench.store.orphans([...pins, 'other-tool', bench.store.pinOf('gone')])).toEqual([
      bench.store.pinOf('gone'),
    ]);
    await bench.resume(error.details.data.job, source, await bench.end('b', 'copy'));
    expect(pins.size).toBe(0);
  });

  test('restores index settings after a crash too', async () => {
    const source = await bench.fill('a', 'docs', 40);
    const calls: unknown[] = [];
    const verbs: Partial<Database> = {
      load: async () => {
        calls.push('load');
        return { index: 'was' };
      },
      unload: async (_ref, restore) => void calls.push(restore),
    };
    let broken = true;
    const target = await bench.end('b', 'copy', {
      verbs: {
        ...verbs,
        unload: async () => {
          if (broken) throw BROKEN();
        },
      },
      fail: () => BROKEN(),
    });
    const error = await bench.migrate(source, target).catch(error => error);
    broken = false;
    await bench.resume(error.details.data.job, source, await bench.end('b', 'copy', { verbs }));
    expect(calls).toEqual(['load', { index: 'was' }]);
  });
});

/** A job whose plan has the ranges that only large collections get. */
async function planWith(
  bench: Workbench,
  source: Awaited<ReturnType<Workbench['end']>>,
  ranges: NonNullable<Database['ranges']>,
) {
  const target = await bench.end('b', 'copy', { fail: () => BROKEN() });
  const error = await bench.migrate(source, target).catch(error => error);
  const made = await bench.store.plan(error.details.data.job);
  await target.database.drop(target.ref, CALL);
  const id = bench.store.newId();
  const plan = { ...made, id, pin: bench.store.pinOf(id), ranges: await ranges(source.ref, 3, CALL) };
  await bench.store.create(plan);
  return { plan };
}

describe('a collection under two addresses', () => {
  const asOther = (end: TransferEnd): TransferEnd => ({ ...end, connection: 'other', endpoint: 'elsewhere' });

  test('is not replaced by itself', async () => {
    const source = await bench.fill('a', 'docs', 30);
    const before = await bench.fingerprint(source);
    const target = asOther(await bench.end('a', 'docs'));
    await expect(bench.migrate(source, target, { mode: 'replace' })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('under two addresses'),
      details: { outcome: 'not_applied' },
    });
    expect(await bench.fingerprint(source), 'nothing dropped, nothing added').toBe(before);
  });

  test('is told from an older copy of the same records, which is replaced', async () => {
    const source = await bench.fill('a', 'docs', 30);
    const target = await bench.fill('b', 'docs', 30);
    const result = await bench.migrate(source, target, { mode: 'replace' });
    expect(result).toMatchObject({ written: 30, verification: { equal: true } });
  });

  test('is not dropped when the probe is refused', async () => {
    const source = await bench.fill('a', 'docs', 5);
    const refuse = async (): Promise<void> => {
      throw new VdbError('invalid', 'a column is missing');
    };
    const target = asOther(await bench.end('a', 'docs', { verbs: { upsert: refuse } }));
    await expect(bench.migrate(source, target, { mode: 'replace' })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('cannot tell'),
    });
    expect(await bench.fingerprint(source)).toMatch(/^vdb1:5:/);
  });

  test('and one address that means two places is no hindrance', async () => {
    const source = await bench.fill('a', 'docs', 30);
    const there = { ...(await bench.end('b', 'docs')), endpoint: source.endpoint };
    expect(await bench.migrate(source, there)).toMatchObject({ written: 30, verification: { equal: true } });
    expect(await bench.migrate(source, there, { mode: 'replace' })).toMatchObject({ written: 30 });
  });
});
