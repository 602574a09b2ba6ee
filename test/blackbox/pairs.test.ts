import { createReadStream } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addProviders, type Provider } from './providers.ts';
import { writeLines } from './records.ts';
import { World } from './world.ts';

const RECORDS = 500;
const ROOT = resolve(import.meta.dirname, '../..');
const NAMES = ['lancedb', 'pgvector', 'qdrant', 'pinecone', 'chroma', 'weaviate', 'neo4j'];

let world: World;
let providers: Provider[];
let absent: string[];
/** Makes names that no other run on the same servers has. */
const run = `${Date.now().toString(36)}${process.pid.toString(36)}`;

beforeAll(async () => {
  world = new World({ keep: true });
  ({ providers, absent } = await addProviders(world));
  console.log(`pairs: ${providers.map(({ name, what }) => `${name} = ${what}`).join(', ')}`);
  for (const reason of absent) console.log(`pairs: left out ${reason}`);
  const lines: string[] = [];
  const sample = createReadStream(join(ROOT, 'samples/cities-1k.ndjson.gz')).pipe(createGunzip());
  for await (const line of createInterface({ input: sample })) if (lines.push(line) === RECORDS) break;
  const file = writeLines(join(world.dir, 'cities.ndjson'), lines);
  for (const { name } of providers) {
    await world.ok(['connect', name]);
    await world.ok(['collection', 'create', `${name}/cities${run}`, '--dimension', '384', '--metric', 'cosine']);
    await world.ok(['upsert', `${name}/cities${run}`, file]);
  }
}, 300_000);

afterAll(async () => {
  for (const { name } of providers) {
    const collections = await world.json<{ name: string }[]>(['collection', 'list', name]);
    for (const collection of collections) {
      if (collection.name.toLowerCase().endsWith(run))
        await world.run(['collection', 'drop', `${name}/${collection.name}`, '--yes']);
    }
  }
  await world.end();
  for (const { close } of providers) await close();
}, 120_000);

test('all are connected at once', async () => {
  const connections = await world.json<{ name: string; state: string }[]>(['connections']);
  expect(
    connections
      .filter(({ state }) => state === 'connected')
      .map(({ name }) => name)
      .sort(),
  ).toEqual(providers.map(({ name }) => name).sort());
});

const pairs = NAMES.flatMap(source => NAMES.filter(target => target !== source).map(target => [source, target]));

test.each(pairs)('%s to %s', { timeout: 120_000 }, async (source, target) => {
  const there = new Set(providers.map(({ name }) => name));
  if (!there.has(source!) || !there.has(target!))
    return console.log(`pairs: ${source} to ${target} not run: ${absent.join('; ')}`);
  const result = await world.run(['migrate', `${source}/cities${run}`, `${target}/from${source}${run}`, '--json']);
  expect({
    exit: result.exit,
    stderr: result.exit === 0 ? '' : result.stderr,
    stdout: result.exit === 0 ? '' : result.stdout,
  }).toEqual({ exit: 0, stderr: '', stdout: '' });
  const { read, written, verification } = JSON.parse(result.stdout);
  expect({ read, written }).toEqual({ read: RECORDS, written: RECORDS });
  expect(verification).toMatchObject({ equal: true, pending: false, equalRecords: RECORDS, different: 0 });
});
