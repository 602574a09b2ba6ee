import { mkdirSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { World } from './world.ts';

test('vdb demo does the main job and leaves nothing behind', async () => {
  const world = new World();
  const before = new Set(readdirSync(tmpdir()));
  // So long that no socket can lie below it.
  const temporary = join(world.dir, `tmp${'x'.repeat(90)}`);
  mkdirSync(temporary);
  const run = await world.run(['demo'], { env: { TMPDIR: temporary } });
  expect(run.stderr).toBe('');
  expect(run.exit).toBe(0);
  expect(run.stdout).toMatch(/1,000 records .*equal/);
  expect(run.stdout).toMatch(/\$ vdb migrate lance\/cities postgres\/cities/);
  expect(world.processes()).toEqual([]);
  expect(readdirSync(temporary)).toEqual([]);
  expect(readdirSync(world.dir)).toEqual([basename(temporary)]);
  expect(readdirSync(tmpdir()).filter(name => !before.has(name) && /^vdb-\d+-/.test(name))).toEqual([]);
});

test('vdb demo --keep keeps, and says where', async () => {
  const world = new World();
  const run = await world.run(['demo', '--keep'], { env: { TMPDIR: world.dir } });
  expect(run.exit).toBe(0);
  const kept = readdirSync(world.dir).find(name => name.startsWith('vdb-demo-'))!;
  expect(run.stdout).toContain(join(world.dir, kept));
  const env = { VDB_CONFIG_DIR: join(world.dir, kept, 'config'), VDB_STATE_DIR: join(world.dir, kept, 'state') };
  expect(await world.json(['count', 'postgres/cities'], { env })).toMatchObject({ count: 1000 });
  await world.ok(['daemon', 'stop'], { env });
});
