import { expect, test } from 'vitest';
import { newCall, refOf } from '../../contract/directSubject.ts';
import { openTemporary, VECTOR } from './openTemporary.ts';

test('many small writes are joined into few fragments, also while a version is pinned', async () => {
  const t = await openTemporary();
  await t.database.create({ name: 't', vectors: [VECTOR] }, newCall());
  const lines = Array.from({ length: 140 }, (_, i) => `{"id":"r${1000 + i}","vector":[${i},1],"metadata":{"n":${i}}}`);
  await t.put('t', lines.slice(0, 1));
  expect(await t.all('t', { pin: 'job' })).toEqual(lines.slice(0, 1));
  for (const line of lines.slice(1)) await t.put('t', [line], { absent: true });
  const { fragmentStats } = await (await t.lance.openTable('t')).stats();
  expect(fragmentStats.numFragments).toBeLessThan(20);
  expect((await t.all('t')).sort()).toEqual(lines);
  expect(await t.all('t', { pin: 'job' })).toEqual(lines.slice(0, 1));
  await t.database.release!('job', newCall());
  expect(await t.database.count!(refOf('t'), { exact: true }, newCall())).toEqual({ count: 140, exact: true });
}, 30_000);
