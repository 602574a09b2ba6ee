import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ServerName } from '../servers/access.ts';
import { startServer, stopServer } from '../servers/launch.ts';
import { isRequired } from '../servers/server.ts';
import { addProviders, type Provider } from './providers.ts';
import { writeLines } from './records.ts';
import { World } from './world.ts';

/** How often an idle connection is looked at here; as it stands it would be every 30 s. */
const PROBE_MS = 1_000;
/** As the settings stand. */
const RECONNECT_CAP_MS = 15_000;
/** What a busy machine may add to a measured time. */
const LEAST_MS = 2_000;
const ROUNDS = 3;
/** The server of each provider that is killed. */
const SERVER: Record<string, ServerName> = { chroma: 'chroma', pgvector: 'postgres' };

interface Connection {
  name: string;
  state: string;
  held: boolean;
  error: { code: string; reason?: string; message: string } | null;
}

let world: World;
let providers: Provider[] = [];
let absent: string[] = [];
const collection = `seven${Date.now().toString(36)}${process.pid.toString(36)}`;
/** Names as the providers spell them. */
const refs = new Map<string, string>();

beforeAll(async () => {
  world = new World({ keep: true });
  mkdirSync(world.env.VDB_CONFIG_DIR!, { mode: 0o700 });
  const settings = JSON.stringify({ version: 1, probeMs: PROBE_MS });
  writeFileSync(join(world.env.VDB_CONFIG_DIR!, 'config.json'), settings, { mode: 0o600 });
  ({ providers, absent } = await addProviders(world, { own: true }));
  const own = providers.map(({ name, what, own }) => `${name} = ${own ? `${what} of its own` : what}`);
  console.log(`seven at once: ${own.join(', ')}`);
  for (const reason of absent) console.log(`seven at once: left out ${reason}`);
}, 300_000);

afterAll(async () => {
  for (const ref of refs.values()) await world.run(['collection', 'drop', ref, '--yes']);
  await world.end();
  for (const { close } of providers) await close();
}, 120_000);

test('all are connected at once, each by a shell of its own', async () => {
  const connecting = await Promise.all(providers.map(({ name }) => world.json<Connection>(['connect', name])));
  expect(connecting.map(({ name, state }) => `${name} ${state}`)).toEqual(
    providers.map(({ name }) => `${name} connected`),
  );
  expect(absent.length + providers.length).toBe(7);
  const listed = await connections();
  expect([...listed.keys()].sort()).toEqual(providers.map(({ name }) => name).sort());
  for (const connection of listed.values()) expect(connection).toMatchObject({ state: 'connected', held: true });
  expect(world.daemons()).toHaveLength(1);
  const records = Array.from({ length: 20 }, (_, i) => `{"id":"r${i}","vector":[${i},1,2,3],"metadata":{"n":${i}}}`);
  const file = writeLines(join(world.dir, 'records.ndjson'), records);
  for (const { name } of providers) {
    const create = ['collection', 'create', `${name}/${collection}`, '--dimension', '4', '--metric', 'cosine'];
    refs.set(name, `${name}/${(await world.json<{ name: string }>(create)).name}`);
    await world.ok(['upsert', refs.get(name)!, file]);
  }
}, 120_000);

test.for(Object.keys(SERVER))(
  '%s dies and comes back, and the others do not notice',
  { timeout: 180_000 },
  async (dead, context) => {
    const victim = providers.find(({ name }) => name === dead);
    if (!victim?.own) {
      // What is required either has one of its own, or the set-up has failed.
      expect(isRequired(SERVER[dead]!), `${dead} is required`).toBe(false);
      console.log(`seven at once: ${dead} is not killed, it is no server of the test's own`);
      return context.skip('no server of its own');
    }
    const others = providers.filter(provider => provider !== victim).map(({ name }) => name);
    const idleMs = await answersOf(others);
    const before = new Date().toISOString();

    await stopServer(victim.own, { signal: 'SIGKILL', keepData: true });
    // Nobody asks it anything: the daemon finds out by itself.
    await expect.poll(() => stateOf(dead), { timeout: 10_000, interval: 200 }).toBe('error');
    const { error } = (await connections()).get(dead)!;
    expect(error).toMatchObject({ code: 'unreachable', message: expect.stringContaining(String(victim.own.port)) });
    const told = await changesOf(dead, before);
    expect(told[0]).toMatchObject({ from: 'connected', to: 'error', code: 'unreachable' });

    // Shells that insist on the dead one, all the while.
    const insisting = Array.from({ length: 3 }, () => world.run(['ping', dead, '--wait', '5s']));
    const busyMs = await answersOf(others);
    for (const [what, ms] of busyMs) expect(ms, what).toBeLessThan(Math.max(LEAST_MS, 10 * idleMs.get(what)!));
    for (const { exit } of await Promise.all(insisting)) expect([69, 75]).toContain(exit);
    for (const name of others) expect(await stateOf(name), name).toBe('connected');

    const began = performance.now();
    victim.own = await startServer(victim.own.name, victim.own);
    const startMs = performance.now() - began;
    const patience = { timeout: RECONNECT_CAP_MS + PROBE_MS + LEAST_MS, interval: 200 };
    await expect.poll(() => stateOf(dead), patience).toBe('connected');
    const backMs = Math.round(performance.now() - began - startMs);
    expect((await changesOf(dead, before)).at(-1)).toMatchObject({ to: 'connected' });
    // What it held is there, without any new connect.
    expect(await world.json(['count', refs.get(dead)!])).toMatchObject({ count: 20 });
    const slowest = [...busyMs].reduce((a, b) => (b[1] > a[1] ? b : a));
    console.log(
      `seven at once: ${dead} was back ${backMs} ms after its server; meanwhile the slowest answer was '${slowest[0]}', ${Math.round(slowest[1])} ms (idle ${Math.round(idleMs.get(slowest[0])!)} ms)`,
    );
  },
);

/** Milliseconds that a shell waits for each command: the longest of a few times. */
async function answersOf(names: string[]): Promise<Map<string, number>> {
  const slowest = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of names) {
      const query = ['query', refs.get(name)!, '--vector', '[1,1,2,3]', '-k', '3', '--json'];
      for (const args of [['ping', name], query]) {
        const began = performance.now();
        const answer = await world.ok(args);
        const what = `${args[0]} ${name}`;
        slowest.set(what, Math.max(slowest.get(what) ?? 0, performance.now() - began));
        if (args === query) expect(JSON.parse(answer)).toHaveLength(3);
      }
    }
  }
  return slowest;
}

async function stateOf(name: string): Promise<string | undefined> {
  return (await connections()).get(name)?.state;
}

/** The states that a connection came to since then, as events tell it; tries to open it are left out. */
async function changesOf(name: string, since: string): Promise<{ from: string; to: string; code?: string }[]> {
  const text = await world.ok(['events', '--type', 'connection.stateChanged', '-o', 'ndjson']);
  const events = text
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line));
  return events
    .filter(({ time, connection, data }) => connection === name && time > since && data.state !== 'connecting')
    .map(({ data }) => ({ from: data.from, to: data.state, ...(data.error && { code: data.error.code }) }));
}

async function connections(): Promise<Map<string, Connection>> {
  const listed = await world.json<Connection[]>(['connections']);
  return new Map(listed.map(connection => [connection.name, connection]));
}
