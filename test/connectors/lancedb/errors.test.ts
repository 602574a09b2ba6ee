import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connector } from '../../../src/connectors/lancedb/connector.ts';
import type { Cursor } from '../../../src/core/connector.ts';
import { newCall, refOf } from '../../contract/directSubject.ts';
import { openTemporary, VECTOR } from './openTemporary.ts';

const connect = (path: string): Promise<unknown> => connector.connect({ path }, {}, newCall());

test('a path that is a file, or no path at all, is told apart from a database', async () => {
  const { path } = await openTemporary();
  const file = join(path, 'file');
  await writeFile(file, '');
  for (const bad of [file, join(file, 'below')]) {
    await expect(connect(bad)).rejects.toMatchObject({
      code: 'config',
      message: `'${file}' is a file, not a directory`,
      details: { hint: expect.stringContaining('directory') },
    });
  }
  await expect(connect('s3://bucket/tables')).rejects.toMatchObject({ code: 'unsupported' });
});

test('a table with a missing file fails with an input error, and other tables go on', async () => {
  const t = await openTemporary();
  for (const name of ['t', 'u']) {
    await t.database.create({ name, vectors: [VECTOR] }, newCall());
    await t.put(name, ['{"id":"a","vector":[1,2]}']);
  }
  const data = join(t.path, 't.lance', 'data');
  for (const file of await readdir(data)) await rm(join(data, file));
  await expect(t.all('t')).rejects.toMatchObject({ code: 'io', details: { outcome: 'not_applied' } });
  expect(await t.all('u')).toHaveLength(1);
});

test('a cursor of another kind is refused', async () => {
  const t = await openTemporary();
  await t.database.create({ name: 't', vectors: [VECTOR] }, newCall());
  const cursors: Cursor[] = ['r1', null, { version: 1 }, { version: 0, offset: 0 }];
  for (const after of cursors) {
    await expect(t.all('t', { after })).rejects.toMatchObject({ code: 'usage' });
  }
  await expect(t.all('t', { after: { version: 99, offset: 0 } })).rejects.toMatchObject({ code: 'not_found' });
  await expect(t.database.drop(refOf('none'), newCall())).rejects.toMatchObject({ code: 'not_found' });
});
