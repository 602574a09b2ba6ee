import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Cursor } from '../../../src/core/connector.ts';
import { parseFilter } from '../../../src/model/filter/parse.ts';
import { WANT_ALL } from '../../../src/model/record.ts';
import { newCall, refOf } from '../../contract/directSubject.ts';
import { openTemporary, type Temporary, VECTOR } from './openTemporary.ts';

const PIN = 'job 1/ü_';
const ids = Array.from({ length: 300 }, (_, i) => `r${String(i).padStart(3, '0')}`);
const line = (id: string, n: number): string => `{"id":"${id}","vector":[1,2],"metadata":{"n":${n}}}`;

async function filled(): Promise<Temporary> {
  const temporary = await openTemporary();
  await temporary.database.create({ name: 't', vectors: [VECTOR] }, newCall());
  for (let at = 0; at < ids.length; at += 50)
    await temporary.put(
      't',
      ids.slice(at, at + 50).map(id => line(id, 0)),
    );
  return temporary;
}

test('a pinned scan sees one version under concurrent updates, deletes, new columns and optimize', async () => {
  const t = await filled();
  let writing = true;
  const writer = (async () => {
    for (let n = 1; writing; n++) {
      await t.put(
        't',
        ids.slice(0, 100).map(id => line(id, n)),
      );
      await t.put('t', [`{"id":"new${n}","vector":[1,2],"metadata":{"x${n}":true}}`]);
      await t.database.remove(refOf('t'), [ids[200 + n]!], newCall());
      await (await t.lance.openTable('t')).optimize({ cleanupOlderThan: new Date(0) });
    }
  })();
  const lines: string[] = [];
  let after: Cursor | undefined;
  for (;;) {
    const request = {
      want: WANT_ALL,
      batchBytes: 1 << 20,
      batchRecords: 17,
      limit: 17,
      pin: PIN,
      ...(after && { after }),
    };
    const before = lines.length;
    for await (const { batch, cursor } of t.database.scan!(refOf('t'), request, newCall())) {
      for (let row = 0; row < batch.count; row++) lines.push(`${batch.ids[row]} ${batch.metadata[row]}`);
      after = JSON.parse(JSON.stringify(cursor)) as Cursor;
    }
    if (lines.length === before) break;
    await sleep(10);
  }
  writing = false;
  await writer;
  expect(lines.sort()).toEqual(ids.map(id => `${id} {"n":0}`));
  expect((await t.all('t')).some(text => /"n":[1-9]/.test(text))).toBe(true);
  expect(await t.database.pins!(newCall())).toEqual([PIN]);
  await t.database.release!(PIN, newCall());
  await t.database.release!(PIN, newCall());
  expect(await t.database.pins!(newCall())).toEqual([]);
}, 30_000);

test('a version that is pinned outlives a clean-up, and a cursor of one that is gone is not found', async () => {
  const t = await filled();
  const request = { want: WANT_ALL, batchBytes: 1 << 20, batchRecords: 50, limit: 50 };
  const start = async (pin?: string): Promise<Cursor> => {
    for await (const { cursor } of t.database.scan!(refOf('t'), { ...request, ...(pin && { pin }) }, newCall()))
      return cursor;
    throw new Error('no page');
  };
  const loose = await start();
  await t.put('t', [line('later', 1)]);
  const pinned = await start(PIN);
  await t.put('t', [line('last', 1)]);
  const table = await t.lance.openTable('t');
  const now = { cleanupOlderThan: new Date(Date.now() + 1000), deleteUnverified: true };
  await expect(table.optimize(now)).rejects.toThrow('tagged version');
  await t.database.release!(PIN, newCall());
  const tags = await table.tags();
  await tags.create('kept', (pinned as { version: number }).version);
  await tags.delete('kept');
  await table.optimize(now);
  await expect(t.all('t', { after: loose })).rejects.toMatchObject({
    code: 'not_found',
    details: { outcome: 'not_applied' },
  });
});

test('a filtered scan continues behind its cursor, also with an index on the id', async () => {
  const t = await filled();
  const { Index } = await import('@lancedb/lancedb');
  await (await t.lance.openTable('t')).createIndex('id', { config: Index.btree() });
  const wanted = ids.filter((_, i) => i % 3 === 0);
  const filter = parseFilter(
    `id in (${[...wanted]
      .reverse()
      .map(id => `"${id}"`)
      .join(',')})`,
  );
  const found: unknown[] = [];
  let after: Cursor | undefined;
  for (let page = 0; page < 10; page++) {
    const request = {
      want: WANT_ALL,
      batchBytes: 1 << 20,
      batchRecords: 7,
      limit: 10,
      filter,
      ...(after && { after }),
    };
    for await (const { batch, cursor } of t.database.scan!(refOf('t'), request, newCall())) {
      found.push(...batch.ids);
      after = cursor;
    }
  }
  expect(found).toEqual(wanted);
});
