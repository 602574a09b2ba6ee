import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connector } from '../../../src/connectors/pgvector/connector.ts';
import { PgliteLink } from '../../../src/connectors/pgvector/pgliteLink.ts';
import { UnexpectedCount } from '../../../src/connectors/pgvector/sqlLink.ts';
import { VdbError } from '../../../src/model/errors.ts';
import { newCall } from './database.ts';

describe('a PGlite link', () => {
  let directory: string;
  let link: PgliteLink;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'vdb-pglite-link-'));
    link = await PgliteLink.open(join(directory, 'data'), newCall());
  }, 60_000);
  afterAll(async () => {
    await link.close();
    rmSync(directory, { recursive: true });
  });

  test('gives every value as the text that the server spells', async () => {
    const { rows, columns } = await link.query(
      `select 9007199254740993::int8, '{"a": 1.0}'::jsonb, true, array[1,2], '[1,-0,1e-45]'::vector, null, $1::text[]`,
      [['a', 'b,c', null]],
      newCall(),
    );
    expect(rows).toEqual([['9007199254740993', '{"a": 1.0}', 't', '{1,2}', '[1,-0,1e-45]', null, '{a,"b,c",NULL}']]);
    expect(columns).toHaveLength(7);
  });

  test('an error keeps its code and detail across the thread', async () => {
    await link.query('create table keyed (id int primary key)', [], newCall());
    const twice = link.query('insert into keyed values (1), (1)', [], newCall());
    await expect(twice).rejects.toMatchObject({ code: '23505', detail: 'Key (id)=(1) already exists.' });
  });

  test('a transaction is all or nothing, also when a count is not the expected one', async () => {
    await link.query('create table counted (id int)', [], newCall());
    const insert = { sql: 'insert into counted values (1), (2)' };
    await expect(link.transaction([insert, { ...insert, expectCount: 3 }], newCall())).rejects.toThrow(UnexpectedCount);
    await expect(link.transaction([insert, { sql: 'select 1/0' }], newCall())).rejects.toMatchObject({ code: '22012' });
    expect((await link.query('select count(*) from counted', [], newCall())).rows).toEqual([['0']]);
  });

  test('an aborted call stops waiting, and the next one works behind it', async () => {
    const abort = new AbortController();
    const slow = link.query('select count(*) from generate_series(1, 3000000)', [], newCall(abort.signal));
    setTimeout(() => abort.abort(new Error('enough')), 20);
    await expect(slow).rejects.toThrow('enough');
    expect((await link.query('select 1', [], newCall())).rows).toEqual([['1']]);
  });

  test('the thread computes, this one answers', async () => {
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    await link.query('select count(*) from generate_series(1, 3000000)', [], newCall());
    clearInterval(timer);
    expect(longest).toBeLessThan(200);
  });

  test('a directory with other files in it is left alone, and a file is no directory', async () => {
    const foreign = join(directory, 'foreign');
    mkdirSync(foreign);
    writeFileSync(join(foreign, 'notes.txt'), 'mine');
    for (const path of [foreign, join(foreign, 'notes.txt'), join(foreign, 'notes.txt', 'data')]) {
      await expect(PgliteLink.open(path, newCall())).rejects.toMatchObject({ code: 'config' });
    }
    expect(readdirSync(foreign)).toEqual(['notes.txt']);
  });

  test('an opening that is given up leaves nothing behind that hinders the next', async () => {
    const path = join(directory, 'given-up');
    const abort = new AbortController();
    setTimeout(() => abort.abort(new Error('enough')), 300);
    await expect(PgliteLink.open(path, newCall(abort.signal))).rejects.toThrow('enough');
    const opened = await PgliteLink.open(path, newCall());
    expect(statSync(path).mode & 0o777).toBe(0o700);
    await opened.close();
    expect(readdirSync(directory).filter(name => name.includes('given-up'))).toEqual(['given-up']);
  }, 60_000);

  test('a second opener is busy and is told who has it', async () => {
    const error = await PgliteLink.open(join(directory, 'data'), newCall()).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(VdbError);
    expect(error).toMatchObject({ code: 'busy', details: { reason: 'locked', data: { pid: process.pid } } });
  });
});

describe('a data directory and another process', () => {
  let directory: string;
  let path: string;
  const children: ChildProcess[] = [];

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'vdb-pglite-kill-'));
    path = join(directory, 'data');
  });
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  });

  test('it is busy while the owner lives, and keeps what was acknowledged when it is killed', async () => {
    const child = spawn(process.execPath, [fileURLToPath(new URL('./holder.ts', import.meta.url)), path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    let acknowledged = 0;
    for await (const line of createInterface({ input: child.stdout! })) {
      acknowledged = Number(line);
      if (acknowledged === 100) {
        const busy = connector.connect({ path }, {}, newCall());
        await expect(busy).rejects.toMatchObject({ code: 'busy', details: { data: { pid: child.pid } } });
      }
      if (acknowledged >= 400 && !child.killed) {
        const exit = once(child, 'exit');
        child.kill('SIGKILL');
        await exit;
      }
    }
    const database = await connector.connect({ path }, {}, newCall());
    const { count } = await database.count!({ collection: 'kept', partition: '' }, { exact: true }, newCall());
    // At most the batch in flight is there without having been acknowledged.
    expect(count).toBeGreaterThanOrEqual(acknowledged);
    expect(count).toBeLessThanOrEqual(acknowledged + 50);
    expect(count % 50).toBe(0);
    await database.close();
    expect(readdirSync(directory).sort()).toEqual(['data']);
  }, 60_000);
});
