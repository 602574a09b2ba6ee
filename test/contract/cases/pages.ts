import { expect } from 'vitest';
import type { Cursor, ScanRequest } from '../../../src/core/connector.ts';
import { parseFilter } from '../../../src/model/filter/parse.ts';
import { isPresent, WANT_ALL } from '../../../src/model/record.ts';
import type { DatabaseSuite } from '../contract.ts';
import { linesOf, newCall, refOf, splitFilter } from '../directSubject.ts';
import { manyRecords, record } from '../records.ts';
import { expectRecords, expectSequence } from '../sameRecords.ts';

const SEVENS: ScanRequest = { want: WANT_ALL, batchBytes: 1 << 20, batchRecords: 7 };

interface Page {
  lines: string[];
  cursor: Cursor;
}

/** Pages of a scan of the Database itself. */
export async function pagesOf(suite: DatabaseSuite, name: string, request: ScanRequest): Promise<Page[]> {
  const pages: Page[] = [];
  for await (const { batch, cursor } of suite.database.scan!(refOf(name), request, newCall())) {
    expect(batch.count).toBe(batch.ids.length);
    expect(batch.count).toBeGreaterThan(0);
    expect(batch.count).toBeLessThanOrEqual(request.batchRecords);
    expect(Buffer.byteLength(JSON.stringify(cursor))).toBeLessThanOrEqual(1024);
    // A cursor is kept as text between processes.
    pages.push({ lines: linesOf(batch, request.want), cursor: JSON.parse(JSON.stringify(cursor)) });
  }
  return pages;
}

const joined = (pages: Page[]): string[] => pages.flatMap(page => page.lines);

export function pageCases(suite: DatabaseSuite): void {
  suite.case('pages of 7 continue behind every cursor, also after reopening', async () => {
    const name = await suite.collection();
    const lines = manyRecords(50, i => `{"n":${i},"f":${i}.0,"l":[${i}]}`);
    // Several writes, and a replacement, so that the store's own order is not that of the ids.
    for (let i = 0; i < 50; i += 10) await suite.subject.upsert(name, lines.slice(i, i + 10));
    await suite.subject.upsert(name, [lines[3]!, lines[44]!]);
    const pages = await pagesOf(suite, name, SEVENS);
    expectRecords(joined(pages), lines);
    expect(pages.length).toBeGreaterThanOrEqual(8);
    for (let i = 0; i < pages.length; i++) {
      const rest = await pagesOf(suite, name, { ...SEVENS, after: pages[i]!.cursor });
      expectSequence(joined(rest), joined(pages.slice(i + 1)));
    }
    if (!(await suite.reopen())) return;
    for (const i of [0, 3, pages.length - 1]) {
      const rest = await pagesOf(suite, name, { ...SEVENS, after: pages[i]!.cursor });
      expectSequence(joined(rest), joined(pages.slice(i + 1)));
    }
  });

  suite.case('pages with a filter and a limit continue behind every cursor', async () => {
    const name = await suite.collection();
    const lines = manyRecords(60, i => `{"n":${i}}`);
    await suite.subject.upsert(name, lines);
    const { native, residual } = await splitFilter(suite.database, refOf(name), parseFilter('n >= 20'));
    expect(residual).toBeNull();
    const filter = native!;
    const pages = await pagesOf(suite, name, { ...SEVENS, filter });
    expectRecords(joined(pages), lines.slice(20));
    for (let i = 0; i < pages.length; i++) {
      const rest = await pagesOf(suite, name, { ...SEVENS, filter, after: pages[i]!.cursor });
      expectSequence(joined(rest), joined(pages.slice(i + 1)));
    }
    const limited = await pagesOf(suite, name, { ...SEVENS, filter, limit: 10 });
    expectSequence(joined(limited), joined(pages).slice(0, 10));
    const after = limited.at(-1)!.cursor;
    expectSequence(joined(await pagesOf(suite, name, { ...SEVENS, filter, after })), joined(pages).slice(10));
  });

  suite.case('reads bring nothing but the parts that are wanted', async () => {
    const { database } = suite;
    const name = await suite.collection();
    await suite.subject.upsert(name, [record('a', { metadata: '{"a":1}', document: 'd' })]);
    const query = { vector: Float32Array.of(1, 2, 3), using: '', k: 1 };
    for (const part of ['vectors', 'metadata', 'document', 'none']) {
      const want = { vectors: part === 'vectors', metadata: part === 'metadata', document: part === 'document' };
      const batches = [
        await database.fetch(refOf(name), ['a'], want, newCall()),
        (await database.search(refOf(name), { ...query, want }, newCall())).batch,
      ];
      for await (const { batch } of database.scan!(refOf(name), { ...SEVENS, want }, newCall())) batches.push(batch);
      expect(batches).toHaveLength(3);
      for (const batch of batches) {
        const got = {
          vectors: batch.vectors.some(column => isPresent(column, 0)),
          metadata: batch.metadata[0] !== undefined,
          document: batch.documents?.[0] !== undefined,
        };
        expect(got).toEqual(want);
      }
    }
  });

  suite.case('batches aim for the bytes asked for', async () => {
    const name = await suite.collection();
    const lines = Array.from({ length: 40 }, (_, i) => record(`b${i}`, { document: 'x'.repeat(10_000) }));
    await suite.subject.upsert(name, lines);
    const pages = await pagesOf(suite, name, { want: WANT_ALL, batchBytes: 50_000, batchRecords: 1000 });
    expectRecords(joined(pages), lines);
    expect(pages.length).toBeGreaterThanOrEqual(4);
    const whole = await pagesOf(suite, name, { want: WANT_ALL, batchBytes: 4 << 20, batchRecords: 1000 });
    expect(whole.length).toBeLessThan(pages.length);
  });

  suite.case('an empty collection has no pages, and leaving a scan early frees it', async () => {
    const name = await suite.collection();
    expect(await pagesOf(suite, name, SEVENS)).toEqual([]);
    await suite.subject.upsert(name, manyRecords(50));
    for (let i = 0; i < 20; i++) {
      for await (const { batch } of suite.database.scan!(refOf(name), SEVENS, newCall())) {
        expect(batch.count).toBe(7);
        break;
      }
    }
    // Nothing is held: the collection can be written, and goes away.
    await suite.subject.upsert(name, manyRecords(51));
    expect(await suite.subject.count(name)).toBe(51);
    await suite.subject.drop(name);
  });

  suite.case('records written and not touched since are met once, whatever else is written between pages', async () => {
    const name = await suite.collection();
    const lines = manyRecords(40);
    await suite.subject.upsert(name, lines);
    const got: string[] = [];
    let turn = 0;
    for await (const { batch } of suite.database.scan!(refOf(name), SEVENS, newCall())) {
      got.push(...linesOf(batch, WANT_ALL));
      turn++;
      await suite.subject.upsert(name, [record(`zz${turn}`), record(`aa${turn}`)]);
      await suite.subject.remove(name, [`aa${turn}`]);
    }
    expectRecords(
      got.filter(line => line.startsWith('{"id":"r')),
      lines,
    );
  });

  suite.case('ranges are disjoint and together hold every record', async () => {
    if (!suite.database.ranges) return void expect(suite.subject.verbs).not.toContain('ranges');
    const name = await suite.collection();
    const lines = manyRecords(200);
    await suite.subject.upsert(name, lines);
    for (const n of [1, 4]) {
      const ranges = await suite.database.ranges(refOf(name), n, newCall());
      expect(ranges.length).toBeGreaterThan(0);
      expect(ranges.length).toBeLessThanOrEqual(n);
      const got: string[] = [];
      for (const range of JSON.parse(JSON.stringify(ranges))) {
        const pages = await pagesOf(suite, name, { ...SEVENS, range });
        got.push(...joined(pages));
        if (pages.length > 1) {
          const rest = await pagesOf(suite, name, { ...SEVENS, range, after: pages[0]!.cursor });
          expectSequence(joined(rest), joined(pages.slice(1)));
        }
      }
      expectRecords(got, lines);
    }
    const empty = await suite.collection();
    for (const range of await suite.database.ranges(refOf(empty), 4, newCall())) {
      expect(await pagesOf(suite, empty, { ...SEVENS, range })).toEqual([]);
    }
  });

  suite.case('a pinned scan sees what was there when it began, until it is released', async () => {
    const { database } = suite;
    if (!database.pins || !database.release) return void expect(suite.subject.verbs).not.toContain('pins');
    const name = await suite.collection();
    const lines = manyRecords(30);
    await suite.subject.upsert(name, lines);
    const pin = 'job-contract-1';
    const request = { ...SEVENS, pin };
    let first: Page | undefined;
    for await (const { batch, cursor } of database.scan!(refOf(name), request, newCall())) {
      first = { lines: linesOf(batch, WANT_ALL), cursor };
      break;
    }
    expect(await database.pins(newCall())).toContain(pin);
    await suite.subject.upsert(name, manyRecords(30, i => `{"changed":${i}}`).slice(10));
    await suite.subject.remove(name, ['r029']);
    await suite.reopen();
    const rest = await pagesOf(suite, name, { ...request, after: first!.cursor });
    expectRecords([...first!.lines, ...joined(rest)], lines);
    await suite.database.release!(pin, newCall());
    await suite.database.release!(pin, newCall());
    expect(await suite.database.pins!(newCall())).not.toContain(pin);
    expect((await suite.subject.scan(name)).lines).toHaveLength(29);
  });
}
