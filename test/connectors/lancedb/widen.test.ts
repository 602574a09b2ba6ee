import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parseFilter } from '../../../src/model/filter/parse.ts';
import { newCall, refOf } from '../../contract/directSubject.ts';
import { columnsOf, openTemporary, type Temporary, VECTOR } from './openTemporary.ts';

const line = (id: string, k: string): string => `{"id":"${id}","vector":[1,2],"metadata":{"k":${k}}}`;
const OLD = [line('a', '1'), line('b', '-9007199254740992'), line('c', 'null')];

async function withIntegers(): Promise<Temporary> {
  const temporary = await openTemporary();
  await temporary.database.create({ name: 't', vectors: [VECTOR] }, newCall());
  await temporary.put('t', OLD);
  return temporary;
}

test('an integer column that meets a float becomes a float column whose integers stay integers', async () => {
  const t = await withIntegers();
  await t.put('t', [line('d', '2.5'), line('e', '3.0'), line('f', '4')]);
  expect(await columnsOf(t, 't')).toContain('k:Float64');
  const lines = [...OLD, line('d', '2.5'), line('e', '3.0'), line('f', '4')];
  expect((await t.all('t')).sort()).toEqual(lines);
  expect((await t.all('t', { filter: parseFilter('k >= 2.5 and not k = 3') })).sort()).toEqual([lines[3], lines[5]]);
});

test('a column with an integer beyond 2^53 is not widened', async () => {
  const t = await withIntegers();
  await t.put('t', [line('big', '9007199254740993')]);
  await t.put('t', [line('d', '2.5')]);
  expect(await columnsOf(t, 't')).toContain('k:Int64');
  expect((await t.all('t')).sort()).toEqual([...OLD, line('big', '9007199254740993'), line('d', '2.5')].sort());
});

test.each(['added', 'dropped'])(
  'a kill -9 when the copy is %s loses nothing, and the next open ends it',
  async point => {
    const t = await withIntegers();
    const child = promisify(execFile)(
      process.execPath,
      [`${import.meta.dirname}/upsertChild.ts`, t.path, line('d', '2.5')],
      {
        env: { ...process.env, VDB_FAILPOINT: `lancedb.widen.${point}` },
      },
    );
    await expect(child).rejects.toMatchObject({ signal: 'SIGKILL' });
    const cut = await columnsOf(t, 't');
    expect(cut.includes('_vdb_w_k:Float64')).toBe(true);
    expect(cut.some(column => column.startsWith('k:'))).toBe(point === 'added');
    expect((await t.all('t')).sort()).toEqual(OLD);
    expect((await columnsOf(t, 't')).filter(column => column.includes('_vdb_w_'))).toEqual([]);
    await t.put('t', [line('d', '2.5')]);
    expect((await t.all('t')).sort()).toEqual([...OLD, line('d', '2.5')]);
    expect(await columnsOf(t, 't')).toContain('k:Float64');
    expect((await t.database.describe(refOf('t'), newCall())).fields).toEqual([{ name: 'k', type: 'float' }]);
  },
);
