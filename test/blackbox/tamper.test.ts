import { expect, test } from 'vitest';
import { plainRecords, vectorText, writeLines } from './records.ts';
import { World } from './world.ts';

/** Changes one record of the target in one way; what verify must say of it. */
const CASES: {
  name: string;
  edit: (world: World, line: string) => Promise<unknown>;
  id: string;
  kind: string;
  /** What differs; nothing to name where a record is missing as a whole. */
  paths: string[];
}[] = [
  {
    name: 'one bit of one vector flipped',
    edit: (world, line) => {
      const record = JSON.parse(line);
      const vector = Float32Array.from(record.vector);
      new Uint32Array(vector.buffer)[3]! ^= 1;
      return world.ok(['upsert', '-', '-c', 'pg', '--collection', 'docs'], {
        input: line.replace(/"vector":\[[^\]]*\]/, `"vector":${vectorText(vector)}`),
      });
    },
    id: 'r000007',
    kind: 'different',
    paths: ['vector'],
  },
  {
    name: 'an integer where a float was',
    edit: (world, line) =>
      world.ok(['upsert', '-', '-c', 'pg', '--collection', 'docs'], {
        input: line.replace('"whole":1.0', '"whole":1'),
      }),
    id: 'r000007',
    kind: 'different',
    paths: ['metadata.whole'],
  },
  {
    name: 'a record deleted',
    edit: world => world.ok(['delete', 'r000007', '-c', 'pg', '--collection', 'docs']),
    id: 'r000007',
    kind: 'only_in_source',
    paths: [],
  },
  {
    name: 'a record added',
    edit: (world, line) =>
      world.ok(['upsert', '-', '-c', 'pg', '--collection', 'docs'], { input: line.replace('"r000007"', '"stranger"') }),
    id: 'stranger',
    kind: 'only_in_target',
    paths: [],
  },
];

test('verify finds each defect, and names id and kind', async () => {
  const world = new World();
  await world.ok(['profile', 'add', 'lance', '--provider', 'lancedb', '--path', 'lance']);
  await world.ok(['profile', 'add', 'pg', '--provider', 'pgvector', '--path', 'pg']);
  const lines = plainRecords(50, 8).map(line => line.replace('"metadata":{', '"metadata":{"whole":1.0,'));
  await world.ok(['collection', 'create', 'lance/docs', '--dimension', '8', '--metric', 'cosine']);
  await world.ok(['upsert', writeLines(`${world.dir}/in.ndjson`, lines), '-c', 'lance', '--collection', 'docs']);
  const migrated = await world.json(['migrate', 'lance/docs', 'pg/docs']);
  expect(migrated.verification).toMatchObject({ equal: true, equalRecords: 50 });
  for (const { name, edit, id, kind, paths } of CASES) {
    await edit(world, lines[7]!);
    const run = await world.run(['verify', 'lance/docs', 'pg/docs', '--json']);
    expect({ name, exit: run.exit }).toEqual({ name, exit: 20 });
    const verification = JSON.parse(run.stdout);
    expect(verification.equal).toBe(false);
    expect({ name, differences: verification.differences }).toEqual({ name, differences: [{ id, kind, paths }] });
    expect(verification).toMatchObject({
      different: kind === 'different' ? 1 : 0,
      onlyInSource: kind === 'only_in_source' ? 1 : 0,
      onlyInTarget: kind === 'only_in_target' ? 1 : 0,
    });
    const text = await world.run(['verify', 'lance/docs', 'pg/docs', '-o', 'table']);
    expect(text.exit).toBe(20);
    for (const part of [id, ...paths]) expect(text.stdout).toContain(part);
    await world.ok(['upsert', '-', '-c', 'pg', '--collection', 'docs'], { input: lines[7]! });
    if (kind === 'only_in_target') await world.ok(['delete', id, '-c', 'pg', '--collection', 'docs']);
    expect((await world.run(['verify', 'lance/docs', 'pg/docs', '--json'])).exit).toBe(0);
  }
  const jobs = await world.json<{ id: string }[]>(['job', 'list']);
  expect((await world.run(['verify', '--job', jobs[0]!.id, '--json'])).exit).toBe(0);
});
