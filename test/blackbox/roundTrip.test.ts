import { join } from 'node:path';
import { expect, test } from 'vitest';
import { canonical, oddRecords, plainRecords, writeLines } from './records.ts';
import { World } from './world.ts';

const DIMENSION = 384;

test('20,000 × 384 go from LanceDB to pgvector and back without losing a bit', { timeout: 600_000 }, async () => {
  const world = new World();
  await world.ok(['profile', 'add', 'lance', '--provider', 'lancedb', '--path', 'lance']);
  await world.ok(['profile', 'add', 'pg', '--provider', 'pgvector', '--path', 'pg']);
  const odd = oddRecords(DIMENSION);
  const lines = [...plainRecords(20_000 - odd.length, DIMENSION), ...odd];
  const twice = `{"id":"r000005","vector":[${Array(DIMENSION).fill(0)}],"metadata":{"first":true}}`;
  const file = writeLines(join(world.dir, 'in.ndjson'), [twice, ...lines]);
  await world.ok(['collection', 'create', 'lance/docs', '--dimension', String(DIMENSION), '--metric', 'cosine']);
  const written = await world.json(['upsert', file, '-c', 'lance', '--collection', 'docs']);
  expect(written).toMatchObject({ connection: 'lance', collection: 'docs', upserted: 20_001, rejected: 0 });
  for (const [source, target] of [
    ['lance/docs', 'pg/docs'],
    ['pg/docs', 'lance/back'],
  ]) {
    const result = await world.json(['migrate', source!, target!]);
    expect(result).toMatchObject({ read: 20_000, written: 20_000, filtered: 0, deadLettered: 0, preexisting: 0 });
    expect(result.verification).toMatchObject({
      equal: true,
      level: 'full',
      rule: null,
      equalRecords: 20_000,
      differences: [],
    });
    expect(await world.json(['verify', source!, target!])).toMatchObject({ equal: true, equalRecords: 20_000 });
  }
  const fingerprints = await Promise.all(
    ['lance/docs', 'pg/docs', 'lance/back'].map(async ref => (await world.json(['fingerprint', ref])).fingerprint),
  );
  expect(new Set(fingerprints).size).toBe(1);
  const wanted = lines.map(canonical).sort();
  for (const ref of ['pg/docs', 'lance/back']) {
    const got = (await world.ok(['scan', ref, '-o', 'ndjson'])).trimEnd().split('\n').map(canonical).sort();
    expect(got.length).toBe(wanted.length);
    expect(got.filter((line, i) => line !== wanted[i])).toEqual([]);
  }
});

test('integer and text ids of the same digits are refused together', async () => {
  const world = new World();
  await world.ok(['profile', 'add', 'lance', '--provider', 'lancedb', '--path', 'lance']);
  await world.ok(['profile', 'add', 'pg', '--provider', 'pgvector', '--path', 'pg']);
  for (const name of ['lance', 'pg']) {
    await world.ok(['collection', 'create', `${name}/docs`, '--dimension', '2', '--metric', 'cosine']);
    const upsert = (input: string) =>
      world.run(['upsert', '-', '-c', name, '--collection', 'docs', '--json'], { input });
    const together = await upsert('{"id":7,"vector":[1,2]}\n{"id":"7","vector":[1,2]}\n');
    expect(together.exit).toBe(65);
    const { error } = JSON.parse(together.stderr);
    expect(error).toMatchObject({ code: 'invalid', reason: 'duplicate_id', data: { line: 2, upserted: 1 } });
    expect(await world.json(['count', `${name}/docs`])).toMatchObject({ count: 1 });
    expect((await upsert('{"id":7,"vector":[1,2]}\n')).exit).toBe(0);
    const later = await upsert('{"id":"7","vector":[3,4]}\n');
    expect(later.exit).toBe(65);
    expect(JSON.parse(later.stderr).error).toMatchObject({ reason: 'duplicate_id', outcome: 'not_applied' });
    expect(JSON.parse(await world.ok(['scan', `${name}/docs`, '-o', 'ndjson']))).toMatchObject({
      id: 7,
      vector: [1, 2],
    });
  }
});

/** Names that LanceDB, or our own columns in it, use for something else, and those that no column can have. */
const ODD_KEYS = ['_rowid', '_distance', 'id', 'vector', '', 'a`b', 'a.b'];

test('LanceDB keeps metadata keys that mean something else to it, and every verb reaches them', async () => {
  const world = new World();
  await world.ok(['profile', 'add', 'lance', '--provider', 'lancedb', '--path', 'lance']);
  await world.ok(['collection', 'create', 'lance/docs', '--dimension', '2', '--metric', 'cosine']);
  const metadata = (n: number, more = '') =>
    `{${ODD_KEYS.map(key => `${JSON.stringify(key)}:${n}`).join(',')},"odd key":"k${n}","a":{"b":9}${more}}`;
  const lines = [1, 2, 3, 4].map(n => `{"id":"r${n}","vector":[${n},1],"metadata":${metadata(n)}}`);
  lines.push('{"id":"r5","vector":[5,1],"metadata":{"_rowid":"text","_distance":null,"id":[1],"vector":{"k":0.5}}}');
  const docs = ['-c', 'lance', '--collection', 'docs'];
  const scanned = async () =>
    (await world.ok(['scan', 'lance/docs', '-o', 'ndjson'])).trimEnd().split('\n').map(canonical).sort();
  await world.ok(['upsert', 'lance/docs', '-'], { input: `${lines.join('\n')}\n` });
  expect(await scanned()).toEqual(lines.map(canonical).sort());

  const hits = await world.json<{ id: string; metadata: Record<string, unknown> }[]>([
    ...['query', 'lance/docs', '--vector', '[3,1]', '-k', '5', '--with', 'metadata'],
  ]);
  expect(hits.map(({ id }) => id).sort()).toEqual(['r1', 'r2', 'r3', 'r4', 'r5']);
  expect(hits.find(({ id }) => id === 'r3')!.metadata).toEqual(JSON.parse(metadata(3)));

  const query = (where: string) =>
    world.run(['query', 'lance/docs', '--vector', '[3,1]', '--where', where, '--fields', 'id', '--json']);
  expect(JSON.parse((await query('`odd key` = "k2"')).stdout)).toMatchObject([{ id: 'r2' }]);
  for (const key of ODD_KEYS) {
    const where = `\`${key.replaceAll('`', '``')}\` = 2`;
    expect({ where, ...(await world.json(['count', 'lance/docs', '--exact', '--where', where])) }).toMatchObject({
      where,
      count: 1,
    });
    // No column can be of that name, so the engine cannot rank by it: said, and never answered with wrong hits.
    const refused = await query(where);
    expect({ where, exit: refused.exit, stdout: refused.stdout }).toEqual({ where, exit: 67, stdout: '' });
    const { error } = JSON.parse(refused.stderr);
    expect(error).toMatchObject({ code: 'unsupported', reason: 'filter', outcome: 'not_applied' });
    expect(error.message).toContain(`'${key}'`);
  }

  // Of the empty key there is no KEY=VALUE.
  const set = ODD_KEYS.filter(key => key !== '').flatMap(key => ['--set', `${key}=20`]);
  expect(await world.json(['update', 'r2', ...docs, ...set])).toMatchObject({ updated: 1 });
  lines[1] = lines[1]!.replaceAll(':2', ':20').replace('"":20', '"":2');
  expect(await scanned()).toEqual(lines.map(canonical).sort());
  expect(await world.json(['update', ...docs, '--where', '`_rowid` = 20', '--unset', '_distance'])).toMatchObject({
    updated: 1,
  });
  lines[1] = lines[1]!.replace('"_distance":20,', '');
  expect(await scanned()).toEqual(lines.map(canonical).sort());

  expect(await world.json(['delete', ...docs, '--where', '`a``b` = 3 or `a.b` = 4', '--yes'])).toMatchObject({
    deleted: 2,
  });
  expect(await scanned()).toEqual([lines[0]!, lines[1]!, lines[4]!].map(canonical).sort());
  expect(await world.json(['delete', 'r1', ...docs])).toMatchObject({ deleted: 1 });
  expect(await scanned()).toEqual([lines[1]!, lines[4]!].map(canonical).sort());
});
