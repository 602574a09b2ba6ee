import { expect, test } from 'vitest';
import { World } from './world.ts';

async function connected(world: World): Promise<void> {
  for (const name of ['a', 'b'])
    await world.ok(['profile', 'add', name, '--provider', 'lancedb', '--path', `${name}.lance`]);
  await world.ok(['connect', 'a']);
  await world.ok(['collection', 'create', 'docs', '--dimension', '2', '--metric', 'cosine']);
  await world.ok(['use', 'a/docs']);
}

test('what one shell connects, another sees', async () => {
  const world = new World();
  await connected(world);
  const status = await world.json(['status']);
  expect(status.active).toEqual({ connection: 'a', collection: 'docs', partition: null });
  expect(status.connections).toMatchObject([
    { name: 'a', provider: 'lancedb', state: 'connected', held: true, active: true, activeCollection: 'docs' },
  ]);
});

test('the session outlives kill -9 of the daemon', async () => {
  const world = new World();
  await connected(world);
  const { daemon } = await world.json(['status']);
  process.kill(daemon.pid, 'SIGKILL');
  const status = await world.json(['status']);
  expect(status.daemon.pid).not.toBe(daemon.pid);
  expect(status.active).toEqual({ connection: 'a', collection: 'docs', partition: null });
  expect(status.connections).toMatchObject([{ name: 'a', state: 'disconnected', held: true, active: true }]);
  expect(await world.json(['count'])).toEqual({ connection: 'a', collection: 'docs', count: 0, exact: true });
});

test('what is active belongs to the session', async () => {
  const world = new World();
  await connected(world);
  const env = { VDB_SESSION: 'other' };
  expect((await world.json(['status'], { env })).active).toBeNull();
  await world.ok(['connect', 'b'], { env });
  expect((await world.json(['status'], { env })).active).toEqual({
    connection: 'b',
    collection: null,
    partition: null,
  });
  expect((await world.json(['status'])).active).toEqual({ connection: 'a', collection: 'docs', partition: null });
  await world.ok(['use', 'b']);
  await world.ok(['use', '-']);
  expect((await world.json(['status'])).active).toEqual({ connection: 'a', collection: 'docs', partition: null });
  expect((await world.json<{ name: string }[]>(['session', 'list'])).map(session => session.name).sort()).toEqual([
    'default',
    'other',
  ]);
  await world.ok(['session', 'remove', 'other', '--yes']);
  expect((await world.json<{ name: string }[]>(['session', 'list'])).map(session => session.name)).toEqual(['default']);
});
