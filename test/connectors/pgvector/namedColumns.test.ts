import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connector } from '../../../src/connectors/pgvector/connector.ts';
import type { Database, Options } from '../../../src/core/connector.ts';
import { guard } from '../../../src/core/guard.ts';
import { parseFilter } from '../../../src/model/filter/parse.ts';
import { WANT_ALL } from '../../../src/model/record.ts';
import { parseRecords } from '../../../src/model/recordLine.ts';
import { linesOf } from '../../contract/directSubject.ts';
import { newCall, sql } from './database.ts';

/** Tables of somebody else, in which it is not plain what the id and the document are. */
const TABLES = [
  `create table articles (id bigserial primary key, slug text not null unique, title text, summary text, v vector(2))`,
  `insert into articles (slug, title, summary, v) values ('a', 'A', 'about a', '[1,2]'), ('b', 'B', null, '[3,4]')`,
  // The key is of two columns, and two columns have the name of a document.
  `create table parts (book int, part int, slug text not null unique, content text, text text, v vector(2),
    primary key (book, part))`,
  `insert into parts values (1, 2, 'p', 'c', 't', '[1,2]')`,
  `create table heap (slug text not null, content text, summary text, v vector(2))`,
  `insert into heap values ('twice', 'one', 's1', '[1,2]'), ('twice', 'two', 's2', '[3,4]')`,
  `create table holes (id int primary key, slug text unique, summary text, v vector(2))`,
  `insert into holes values (1, null, 's', '[1,2]')`,
];

const ref = (collection: string) => ({ collection, partition: '' });

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vdb-pglite-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** One after the other on the same data, which the first makes. */
function cases(options: Options, define: (database: () => Database) => void): void {
  let database: Database;
  beforeAll(async () => {
    const path = join(directory, 'data');
    const made = existsSync(path);
    database = guard(await connector.connect({ path, ...options }, {}, newCall()), connector);
    if (made) return;
    for (const statement of ['create extension if not exists vector', ...TABLES]) await sql(database, statement);
  });
  afterAll(() => database.close());
  define(() => database);
}

async function lines(database: Database, collection: string, where?: string): Promise<string[]> {
  const filter = where === undefined ? {} : { filter: parseFilter(where) };
  const request = { want: WANT_ALL, batchBytes: 1 << 20, batchRecords: 100, ...filter };
  const found: string[] = [];
  for await (const { batch } of database.scan!(ref(collection), request, newCall())) {
    found.push(...linesOf(batch, WANT_ALL));
  }
  return found;
}

describe('without --id-column and --document-column', () => {
  cases({}, database => {
    test('the primary key is the id, and a text column without a name of a document is a field', async () => {
      expect(await lines(database(), 'articles')).toEqual([
        '{"id":1,"vector":[1,2],"metadata":{"slug":"a","title":"A","summary":"about a"}}',
        '{"id":2,"vector":[3,4],"metadata":{"slug":"b","title":"B"}}',
      ]);
    });

    test('of two columns that could be the document, neither is', async () => {
      expect((await lines(database(), 'parts')).map(line => JSON.parse(line))).toEqual([
        { id: 'p', vector: [1, 2], metadata: { book: 1, part: 2, content: 'c', text: 't' } },
      ]);
    });

    test('a table without a key is none, and says what to do', async () => {
      expect((await database().collections(newCall())).map(({ name }) => name)).not.toContain('heap');
      await expect(database().describe(ref('heap'), newCall())).rejects.toMatchObject({
        code: 'unsupported',
        details: { hint: expect.stringContaining('--id-column') },
      });
    });
  });
});

describe('with --id-column slug and --document-column summary', () => {
  cases({ idColumn: 'slug', documentColumn: 'summary' }, database => {
    test('they are the id and the document, and the primary key is a field', async () => {
      expect(await lines(database(), 'articles')).toEqual([
        '{"id":"a","vector":[1,2],"metadata":{"id":1,"title":"A"},"document":"about a"}',
        '{"id":"b","vector":[3,4],"metadata":{"id":2,"title":"B"}}',
      ]);
      expect(await lines(database(), 'articles', 'id in ("b")')).toHaveLength(1);
    });

    test('records are written, replaced, fetched and removed by that id', async () => {
      const [{ vectors }] = [await database().describe(ref('articles'), newCall())];
      for (const document of ['first', 'second']) {
        const { batches } = parseRecords([`{"id":"c","vector":[5,6],"document":"${document}"}`], { vectors });
        await database().upsert(ref('articles'), batches[0]!, {}, newCall());
      }
      expect(await sql(database(), `select slug, summary, title from articles where slug = 'c'`)).toEqual([
        { slug: 'c', summary: 'second', title: null },
      ]);
      const fetched = await database().fetch(ref('articles'), ['c', '1'], WANT_ALL, newCall());
      expect(fetched.ids).toEqual(['c']);
      expect(fetched.documents).toEqual(['second']);
      expect(await database().remove(ref('articles'), ['c'], newCall())).toBe(1);
    });

    test('a table without that text column has the document it would have anyway', async () => {
      expect((await lines(database(), 'parts')).map(line => JSON.parse(line))).toEqual([
        { id: 'p', vector: [1, 2], metadata: { book: 1, part: 2, content: 'c', text: 't' } },
      ]);
    });

    test.each(['heap', 'holes'])('a column that is not unique, or has nulls, is no id: %s', async table => {
      expect((await database().collections(newCall())).map(({ name }) => name)).not.toContain(table);
      await expect(database().describe(ref(table), newCall())).rejects.toMatchObject({
        code: 'unsupported',
        message: expect.stringContaining('slug'),
        details: { outcome: 'not_applied', hint: expect.stringContaining('--id-column') },
      });
    });

    test('tables made by vdb keep their own id and document', async () => {
      const vectors = [{ name: '', kind: 'dense', dimension: 2, metric: 'cosine', element: 'f32' }] as const;
      await database().create({ name: 'own', vectors: [...vectors] }, newCall());
      const line = '{"id":"x","vector":[1,0],"metadata":{"slug":"s","summary":"no document"},"document":"d"}';
      const { batches } = parseRecords([line], { vectors: [...vectors] });
      await database().upsert(ref('own'), batches[0]!, {}, newCall());
      expect((await lines(database(), 'own')).map(text => JSON.parse(text))).toEqual([JSON.parse(line)]);
    });
  });
});

describe('with --id-column document', () => {
  cases({ idColumn: 'document' }, database => {
    test('tables made by vdb keep their own id', async () => {
      await database().create({ name: 'bare', vectors: [] }, newCall());
      const { batches } = parseRecords(['{"id":"x","metadata":{"k":1},"document":"d"}'], { vectors: [] });
      await database().upsert(ref('bare'), batches[0]!, {}, newCall());
      expect(await lines(database(), 'bare')).toEqual(['{"id":"x","metadata":{"k":1},"document":"d"}']);
    });
  });
});
