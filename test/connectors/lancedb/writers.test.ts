import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { withFileLock } from '../../../src/core/files/fileLock.ts';
import { ownIdentity } from '../../../src/core/files/processIdentity.ts';
import { newCall, refOf } from '../../contract/directSubject.ts';
import { openTemporary, VECTOR } from './openTemporary.ts';

const run = promisify(execFile);

test('four processes that write the same new ids leave each once, and columns they all add once', async () => {
  const t = await openTemporary();
  await t.database.create({ name: 't', vectors: [VECTOR] }, newCall());
  const ids = Array.from({ length: 120 }, (_, i) => `r${String(i).padStart(3, '0')}`);
  const batches = Array.from({ length: 6 }, (_, b) =>
    ids.slice(b * 20, b * 20 + 20).map(id => `{"id":"${id}","vector":[1,2],"metadata":{"k${b}":${b}}}`),
  );
  const args = [`${import.meta.dirname}/upsertChild.ts`, t.path, ...batches.map(lines => lines.join('\n'))];
  await Promise.all([1, 2, 3, 4].map(() => run(process.execPath, args)));
  expect((await t.all('t')).sort()).toEqual(batches.flat());
  expect((await readdir(t.path)).sort()).toEqual(['.vdb-locks', 't.lance']);
  expect((await t.database.collections(newCall())).map(({ name }) => name)).toEqual(['t']);
}, 30_000);

test('a writer waits as long as its call may last, then says who holds the table', async () => {
  const t = await openTemporary();
  await t.database.create({ name: 't', vectors: [VECTOR] }, newCall());
  // In its own process a section waits its turn; this stands for another's by holding the lock's file.
  await withFileLock(`${t.path}/.vdb-locks/t`, async () => {
    const child = run(process.execPath, ['-e', LATE, t.path], { cwd: import.meta.dirname });
    const { stdout } = await child;
    expect(JSON.parse(stdout)).toEqual({
      code: 'busy',
      reason: 'locked',
      outcome: 'not_applied',
      pid: ownIdentity().pid,
    });
  });
  expect(await t.database.remove(refOf('t'), ['a'], newCall())).toBe(0);
});

const LATE = `
import('../../../src/connectors/lancedb/connector.ts').then(async ({ connector }) => {
  const call = { signal: new AbortController().signal, deadlineMs: 200 };
  const database = await connector.connect({ path: process.argv[1] }, {}, call);
  await database.remove({ collection: 't', partition: '' }, ['a'], call).catch(({ code, details }) => {
    const { reason, outcome, data } = details;
    process.stdout.write(JSON.stringify({ code, reason, outcome, pid: data.pid }));
  });
});
`;
