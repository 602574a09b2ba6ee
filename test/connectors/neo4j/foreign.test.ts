import neo4j, { type Driver } from 'neo4j-driver';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Database, ScanPage } from '../../../src/core/connector.ts';
import { parseFilter } from '../../../src/model/filter/parse.ts';
import { type RecordBatch, WANT_ALL } from '../../../src/model/record.ts';
import { parseRecords } from '../../../src/model/recordLine.ts';
import { linesOf, newCall, refOf, splitFilter } from '../../contract/directSubject.ts';
import { expectRecords } from '../../contract/sameRecords.ts';
import { describeServer } from '../../servers/server.ts';
import { open } from './server.ts';

describeServer('neo4j', access => {
  let driver: Driver;
  let database: Database;
  let label: string;
  const made: string[] = [];

  beforeAll(async () => {
    driver = neo4j.driver(access.url, neo4j.auth.basic(access.user ?? 'neo4j', access.password ?? ''));
    database = await open(access);
  });
  beforeEach(() => {
    label = `Foreign${process.pid}x${made.length}`;
    made.push(label);
  });
  afterEach(async () => {
    await database.drop(refOf(label), newCall()).catch(error => expect(error.code).toBe('not_found'));
  });
  afterAll(async () => {
    await database?.close();
    await driver?.close();
  });

  const cypher = async (text: string, params = {}) => {
    const { records } = await driver.executeQuery(text.replaceAll('LABEL', label), params);
    return records.map(row => row.toObject());
  };
  const all = async (request = {}): Promise<string[]> => {
    const lines: string[] = [];
    for (const { batch } of await pages(request)) lines.push(...linesOf(batch, WANT_ALL));
    return lines;
  };
  const pages = async (request = {}): Promise<ScanPage[]> => {
    const found: ScanPage[] = [];
    const whole = { want: WANT_ALL, batchBytes: 1 << 20, batchRecords: 100, ...request };
    for await (const page of database.scan!(refOf(label), whole, newCall())) found.push(page);
    return found;
  };
  const batchOf = (lines: string[]): RecordBatch => parseRecords(lines, {}).batches[0]!;
  const put = (lines: string[], absent = false) => database.upsert(refOf(label), batchOf(lines), { absent }, newCall());
  const vectorIndex = (property: string, dimensions = 2) =>
    cypher(`CREATE VECTOR INDEX LABEL_${property} FOR (n:LABEL) ON (n.${property})
      OPTIONS {indexConfig: {\`vector.dimensions\`: ${dimensions}, \`vector.similarity_function\`: 'cosine'}}`);
  /** Its own indexes alone: those of others may be dropped meanwhile. */
  const settled = async () => {
    const indexes = await cypher(`SHOW INDEXES YIELD name, labelsOrTypes WHERE 'LABEL' IN labelsOrTypes RETURN name`);
    expect(indexes).not.toEqual([]);
    for (const { name } of indexes) await cypher('CALL db.awaitIndex($name, 30)', { name });
  };

  test('a node with two labels is in two collections, and outlives the end of one of them', async () => {
    const other = `${label}Other`;
    made.push(other);
    await cypher(`CREATE (:LABEL:${other} {id: 'both', n: 1}), (:LABEL {id: 'one'}), (:${other} {id: 'far'})`);
    expect(await database.clear!(refOf(label), newCall())).toBe(2);
    await cypher("CREATE (:LABEL {id: 'again'})");
    await cypher(`MATCH (n:${other} {id: 'both'}) SET n:LABEL`);
    await database.drop(refOf(label), newCall());
    expect(await cypher('MATCH (n:LABEL) RETURN n.id')).toEqual([]);
    const left = await cypher(`MATCH (n:${other}) RETURN n.id AS id, labels(n) AS labels ORDER BY id`);
    expect(left).toEqual([
      { id: 'both', labels: [other] },
      { id: 'far', labels: [other] },
    ]);
    await database.drop(refOf(other), newCall());
  });

  test('what vdb writes is native to the official driver: properties, types, index, search', async () => {
    const vector = {
      name: '',
      kind: 'dense' as const,
      dimension: 2,
      metric: 'euclidean' as const,
      element: 'f32' as const,
    };
    const info = await database.create({ name: label, vectors: [vector], indexOptions: { m: '8' } }, newCall());
    await put([
      '{"id":7,"vector":[0.1,2],"metadata":{"n":1,"f":1.0,"tags":["a","b"],"at":{"$date":"2024-01-31"}},"document":"text"}',
    ]);
    const [row] = await cypher(
      `MATCH (n:LABEL {id: 7}) WHERE n.n = 1 AND 'b' IN n.tags AND n.at < date('2025-01-01') AND n.document CONTAINS 'ex'
      RETURN keys(n) AS keys, valueType(n.n) AS n, valueType(n.f) AS f, n.embedding AS v`,
    );
    expect(row!.keys.sort()).toEqual(['at', 'document', 'embedding', 'f', 'id', 'n', 'tags']);
    expect([row!.n, row!.f]).toEqual(['INTEGER NOT NULL', 'FLOAT NOT NULL']);
    expect(row!.v).toEqual([Math.fround(0.1), 2]);
    const [index] = await cypher(
      `SHOW VECTOR INDEXES YIELD name, labelsOrTypes, options WHERE labelsOrTypes = ['LABEL'] RETURN name, options`,
    );
    // Since 2026 the setting has another name.
    const settings = index!.options.indexConfig;
    expect(settings['vector.quantization.enabled'] ?? settings['vector.quantization.type'] !== 'NONE').toBe(false);
    expect(settings['vector.hnsw.m']).toEqual(neo4j.int(8));
    const copy = await database.create({ name: `${label}b`, vectors: [vector], native: info.native! }, newCall());
    made.push(copy.name);
    expect(Object.values(copy.index)[0]).toEqual(Object.values(info.index)[0]);
    await database.drop(refOf(copy.name), newCall());
    expect(Object.keys(info.index)).toEqual([index!.name]);
    const hits = await cypher(
      `CALL db.index.vector.queryNodes($name, 5, [0.1, 2.0]) YIELD node, score RETURN node.id AS id, score`,
      {
        name: index!.name,
      },
    );
    expect(hits).toEqual([{ id: neo4j.int(7), score: 1 }]);
  });

  test('nodes as LangChain writes them: id without a constraint, text, embedding', async () => {
    await vectorIndex('embedding');
    await cypher(
      `UNWIND range(1, 300) AS i CREATE (n:LABEL {id: 'doc' + i, text: 'text ' + i, source: 'a.pdf', page: i})
      WITH n, i CALL db.create.setNodeVectorProperty(n, 'embedding', [1.0, i * 1.0])`,
    );
    await settled();
    const info = await database.describe(refOf(label), newCall());
    expect(info).toMatchObject({
      count: 300,
      vectors: [{ name: '', dimension: 2, metric: 'cosine' }],
      fields: [
        { name: 'page', type: 'integer' },
        { name: 'source', type: 'string' },
      ],
    });
    const line = (i: number) =>
      `{"id":"doc${i}","vector":[1,${i}],"metadata":{"page":${i},"source":"a.pdf"},"document":"text ${i}"}`;
    const lines = Array.from({ length: 300 }, (_, i) => line(i + 1));
    expectRecords(await all(), lines);
    const some = await pages();
    expect(some.length).toBeGreaterThan(2);
    // In the order of node ids, which the server gives out again.
    const { ids, count } = some[0]!.batch;
    const rest = lines.filter((_, i) => !ids.includes(`doc${i + 1}`));
    expect(rest).toHaveLength(300 - count);
    expectRecords(await all({ after: some[0]!.cursor }), rest);
    const filter = parseFilter('page > 298 and source = "a.pdf"');
    const found = await database.search(
      refOf(label),
      { vector: Float32Array.of(0, 1), using: '', k: 5, filter, want: WANT_ALL },
      newCall(),
    );
    expect(found.batch.ids).toEqual(['doc300', 'doc299']);
    await put([line(1).replace('text 1', 'changed'), '{"id":"new","vector":[5,5]}']);
    expect(
      await cypher(`MATCH (n:LABEL) WHERE n.id IN ['doc1', 'new'] RETURN n.id AS id, n.text AS text ORDER BY id`),
    ).toEqual([
      { id: 'doc1', text: 'changed' },
      { id: 'new', text: null },
    ]);
    expect(await database.remove(refOf(label), ['new', 'doc2', 'doc9999'], newCall())).toBe(2);
    expect(await database.count!(refOf(label), { exact: true }, newCall())).toEqual({ count: 299, exact: true });
  });

  test('a graph without ids: elementIds, vectors without an index, relationships and other labels stay', async () => {
    await cypher(
      `CREATE (a:LABEL:Person {name: 'a', bioEmbedding: [1.0, 0.0], born: datetime('1990-05-01T10:00:00+02:00'), at: point({latitude: 1.5, longitude: 2}), gap: duration('P1D')})
      -[:KNOWS {since: 2020}]->(b:LABEL {name: 'b', bioEmbedding: [0.0, 1.0], nums: [1, 2]})`,
    );
    const nodes = await cypher(`MATCH (n:LABEL) RETURN elementId(n) AS id, n.name AS name ORDER BY name`);
    const [a, b] = nodes.map(each => each.id as string);
    const lineA = `{"id":"${a}","vector":[1,0],"metadata":{"name":"a","born":{"$date":"1990-05-01T10:00:00+02:00"},"at":{"$geo":{"lat":1.5,"lon":2.0}},"gap":"P1D"}}`;
    const lineB = `{"id":"${b}","vector":[0,1],"metadata":{"name":"b","nums":[1,2]}}`;
    expect((await database.describe(refOf(label), newCall())).vectors).toMatchObject([
      { name: '', dimension: 2, metric: null },
    ]);
    expectRecords(await all(), [lineA, lineB]);
    expect(linesOf(await database.fetch(refOf(label), [b!, 'none', a!], WANT_ALL, newCall()), WANT_ALL)[1]).toContain(
      `"id":"${a}"`,
    );
    const filter = parseFilter('born < @1991-01-01 and nums is null');
    const { native, residual } = await splitFilter(database, refOf(label), filter);
    expect(residual).toBeNull();
    expectRecords(await all({ filter: native }), [lineA]);
    for (const metric of ['cosine', 'euclidean'] as const) {
      const { batch } = await database.search(
        refOf(label),
        { vector: Float32Array.of(0.1, 1), using: '', k: 5, metric, want: WANT_ALL },
        newCall(),
      );
      expect(batch.ids).toEqual([b, a]);
    }
    await put([lineA.replace('"name":"a"', '"name":"A"')]);
    expect(await database.update!(refOf(label), [b!], { set: { nums: '[3]' }, unset: [] }, newCall())).toBe(1);
    expect(
      await cypher(
        `MATCH (a:LABEL:Person)-[r:KNOWS]->(b:LABEL) RETURN a.name AS a, r.since AS since, b.nums AS nums, a.id AS id`,
      ),
    ).toEqual([{ a: 'A', since: neo4j.int(2020), nums: [neo4j.int(3)], id: null }]);
    // A new record gets a property id.
    await put(['{"id":"fresh","vector":[1,1]}']);
    expect((await all()).length).toBe(3);
    expect(await database.remove(refOf(label), [a!], newCall())).toBe(1);
  });

  test('ids that are not unique are no ids', async () => {
    await cypher(`UNWIND [1, 1, 2] AS id CREATE (:LABEL {id: id, v: id * 10})`);
    const lines = await all();
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line).toMatch(/"id":"\d+:[-0-9a-f]+:\d+".*"metadata":\{.*"id":[12]/);
    await expect(put(['{"id":"fresh"}'])).rejects.toMatchObject({
      code: 'unsupported',
      details: { hint: expect.stringContaining('CONSTRAINT') },
    });
  });

  test('several vector indexes are named by their properties; one key with a constraint is the id', async () => {
    await cypher('CREATE CONSTRAINT FOR (n:LABEL) REQUIRE n.isbn IS UNIQUE');
    await vectorIndex('title');
    await vectorIndex('plot', 3);
    await cypher(
      `CREATE (:LABEL {isbn: 'x', title: [1.0, 0.0], plot: [1.0, 2.0, 3.0]}), (:LABEL {isbn: 9, title: [3, 4]}), (:LABEL {plot: [1.0]})`,
    );
    await settled();
    const lines = await all();
    const keyless = lines.find(line => line.includes(':{"plot":[1.0]}'))!;
    expectRecords(lines, [
      '{"id":9,"vectors":{"title":[3,4]}}',
      '{"id":"x","vectors":{"title":[1,0],"plot":[1,2,3]}}',
      // A vector of another dimension is in no index: it is shown as what it is.
      `{"id":${JSON.stringify(JSON.parse(keyless).id)},"metadata":{"plot":[1.0]}}`,
    ]);
    await put(['{"id":"x","vectors":{"title":[0,1]}}', '{"id":"y"}'], true).catch(error =>
      expect(error.code).toBe('exists'),
    );
    await put(['{"id":"x","vectors":{"title":[0,1]}}', '{"id":"y"}']);
    expect(await cypher(`MATCH (n:LABEL {isbn: 'x'}) RETURN properties(n) AS p`)).toEqual([
      { p: { isbn: 'x', title: [0, 1] } },
    ]);
  });

  test('nodes that other programs add to a collection of ours are read too', async () => {
    await database.create({ name: label, vectors: [] }, newCall());
    const lines = Array.from({ length: 300 }, (_, i) => `{"id":"r${i}","metadata":{"n":${i}}}`);
    await put([...lines, '{"id":-5}', '{"id":9007199254740993}', '{"id":"\uffee"}', '{"id":"\u{1f600}"}']);
    await cypher('CREATE (:LABEL {n: 1}), (:LABEL {id: 7.5}), (:LABEL {id: true})');
    const found = await all();
    expect(found).toHaveLength(307);
    const ids = found.map(line => JSON.parse(line).id);
    expect(ids.slice(0, 2)).toEqual([-5, 9007199254740992]);
    expect(ids.slice(302, 304)).toEqual(['\uffee', '\u{1f600}']);
    // Every cursor continues, in each of the three groups.
    const every = await pages({ batchRecords: 30 });
    for (const at of [0, 1, every.length - 2]) {
      expect(await all({ after: every[at]!.cursor })).toEqual(
        found.slice(every.slice(0, at + 1).reduce((n, page) => n + page.batch.count, 0)),
      );
    }
  });

  test('a long id has a short cursor, which holds when its record is gone', async () => {
    await database.create({ name: label, vectors: [] }, newCall());
    const ids = Array.from({ length: 300 }, (_, i) => `${'ä\u0001'.repeat(1_300)}${String(i).padStart(3, '0')}`);
    await put(ids.map(id => JSON.stringify({ id })));
    const [first] = await pages({ batchRecords: 10 });
    expect(JSON.stringify(first!.cursor).length).toBeLessThan(1024);
    expect((await all({ after: first!.cursor })).length).toBe(290);
    await database.remove(refOf(label), [ids[9]!], newCall());
    expect((await all({ after: first!.cursor })).length).toBe(299);
  });

  test('a list is told from a vector, and a search is not stopped by what is none', async () => {
    await vectorIndex('embedding');
    await cypher(`CREATE (:LABEL {id: 1, embedding: [1.0, 0.0]}), (:LABEL {id: 2, embedding: [0.0, 0.0]}), (:LABEL {id: 3, embedding: 'text'}),
      (:LABEL {id: 4, embedding: [1e300, 0.0]}), (:LABEL {id: 5, embedding: [1.0]}), (:LABEL {id: 6, embedding: [0, 1]})`);
    await settled();
    const vector = Float32Array.of(1, 0);
    for (const filter of [undefined, parseFilter('not missing = 1')]) {
      const request = { vector, using: '', k: 10_000_000, want: WANT_ALL, ...(filter && { filter }) };
      const { batch, scores } = await database.search(refOf(label), request, newCall());
      expect(batch.ids).toEqual([1n, 6n]);
      expect([...scores]).toEqual([1, 0]);
    }
    const none = { vector: Float32Array.of(0, 0), using: '', k: 3, want: WANT_ALL };
    expect((await database.search(refOf(label), none, newCall())).batch.count).toBe(0);
  });

  test('a load that died is known, and is ended by the next one', async () => {
    const vector = {
      name: '',
      kind: 'dense' as const,
      dimension: 2,
      metric: 'cosine' as const,
      element: 'f32' as const,
    };
    const before = await database.create({ name: label, vectors: [vector] }, newCall());
    await database.load!(refOf(label), newCall());
    const again = await database.load!(refOf(label), newCall());
    await put(['{"id":"a","vector":[1,2]}']);
    const during = await database.describe(refOf(label), newCall());
    expect(during).toMatchObject({ vectors: before.vectors, index: {} });
    const listed = (await database.collections(newCall())).find(each => each.name === label);
    expect(listed).toMatchObject({ count: 1, vectors: before.vectors });
    const query = { vector: Float32Array.of(1, 2), using: '', k: 1, want: WANT_ALL };
    expect((await database.search(refOf(label), query, newCall())).batch.ids).toEqual(['a']);
    await database.unload!(refOf(label), again, newCall());
    const after = await database.describe(refOf(label), newCall());
    expect(after.index).toEqual(before.index);
    expect(await database.indexState!(refOf(label), newCall())).toEqual({ indexed: 1, total: 1 });
    expect((await database.collections(newCall())).map(each => each.name)).not.toContain('_vdb_load');
  });

  test('Cypher gives its rows as exact JSON', async () => {
    await cypher(`CREATE (:LABEL {id: 1})-[:R {w: 1.0}]->(:LABEL {id: 2})`);
    const rows: string[] = [];
    const statement = `MATCH p = (a:${label} {id: $id})-[r:R]->(b) RETURN 9007199254740993 AS big, 1.0 AS f, -0.0 AS z, null AS n,
      [1, 'a', {k: date('2024-01-31')}] AS l, a.id AS a, properties(r) AS r, labels(b) AS labels, b, $f AS half LIMIT $limit`;
    for await (const row of database.native!(statement, { id: 1, limit: 5, f: 0.5 }, newCall())) rows.push(row);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toContain(
      `{"big":9007199254740993,"f":1.0,"z":-0.0,"n":null,"l":[1,"a",{"k":{"$date":"2024-01-31"}}],"a":1,"r":{"w":1.0},"labels":["${label}"],"b":{"elementId":"`,
    );
    expect(rows[0]).toContain(`"properties":{"id":2}},"half":0.5}`);
  });
});
