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
