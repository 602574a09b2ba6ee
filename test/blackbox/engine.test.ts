import { expect, test } from 'vitest';
import { plainRecords } from './records.ts';
import { World } from './world.ts';

test('while one engine builds an index for seconds, another connection answers', { timeout: 300_000 }, async () => {
  const world = new World();
  await world.ok(['profile', 'add', 'lance', '--provider', 'lancedb', '--path', 'lance']);
  await world.ok(['profile', 'add', 'pg', '--provider', 'pgvector', '--path', 'pg']);
  await world.ok(['connect', 'lance']);
  await world.ok(['collection', 'create', 'pg/docs', '--dimension', '384', '--metric', 'cosine']);
  await world.ok(['upsert', '-', '-c', 'pg', '--collection', 'docs'], {
    input: `${plainRecords(8000, 384).join('\n')}\n`,
  });
  await world.ok(['ping', 'lance']);
  const started = Date.now();
  let building = true;
  const build = world
    .ok([
      'collection',
      'create',
      'pg/indexed',
      '--dimension',
      '384',
      '--metric',
      'cosine',
      '--index-option',
      'type=hnsw',
    ])
    .then(() => world.ok(['migrate', 'pg/docs', 'pg/indexed', '--verify', 'none']))
    .finally(() => {
      building = false;
    });
  const answered: number[] = [];
  while (building) {
    await world.ok(['ping', 'lance']);
    if (building) answered.push(Date.now() - started);
  }
  await build;
  const took = Date.now() - started;
  expect(took).toBeGreaterThan(5000);
  const gaps = answered.map((time, i) => time - (answered[i - 1] ?? 0));
  expect(Math.max(...gaps)).toBeLessThan(took / 2);
  expect(answered.length).toBeGreaterThan(5);
});
