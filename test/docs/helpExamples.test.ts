import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commandTable.ts';
import { World } from '../blackbox/world.ts';

const commands = await Promise.all(
  COMMANDS.map(async entry => ({ path: entry.path, ...(await entry.load()).command })),
);
const examples = commands.flatMap(({ path, examples }) =>
  examples.map(({ command }) => ({ of: path.join(' '), command })),
);

/** Those that go on until they are stopped, and what must be there before some of the others. */
const ENDLESS = /^vdb (daemon run|daemon logs -f|events --follow)/;
/** The embedded databases have no partitions: these examples reach one, and are told so. */
const UNSUPPORTED = /^vdb partition /;
const PG = [
  'vdb profile add pg --provider pgvector --path ./pg',
  'vdb collection create pg/docs --dimension 3',
  `vdb native -c pg 'alter table docs add column lang text'`,
];
const PREPARE: Record<string, string[]> = {
  'vdb scan prod/docs | vdb upsert local/docs -': ['vdb collection create local/docs --dimension 3 --metric cosine'],
  'vdb verify prod/docs local/docs': ['vdb migrate prod/docs local/docs'],
  'vdb migrate prod/docs local/docs --plan plan.json': [
    'vdb migrate prod/docs local/docs --dry-run --json > plan.json',
  ],
  'vdb profile add local --provider lancedb --path ./data': ['vdb profile remove local --yes'],
  'vdb collection create docs --dimension 768 --metric cosine': ['vdb collection drop prod/docs --yes'],
  "vdb native -c pg 'select lang, count(*) from docs group by lang'": PG,
  "vdb native -c pg 'select id from docs where lang = $lang' --param lang=de": PG,
  'vdb daemon run': ['vdb daemon stop'],
  'vdb daemon status': ['vdb daemon start'],
};

/** The names that help texts use: profiles, collections, files and records. */
const world = new World({ keep: true });
const template = `${world.dir}-template`;
let job: string;

beforeAll(async () => {
  const { dir } = world;
  for (const name of ['prod', 'local', 'test', 'old']) {
    await world.ok(['profile', 'add', name, '--provider', 'lancedb', '--path', `${dir}/${name}`, '--tag', name]);
  }
  const record = (i: number) =>
    `{"id":"${i}","vector":[${i + 1},1,0],"metadata":{"lang":"de","year":${1995 + i},"price":${i}}}`;
  writeFileSync(join(dir, 'docs.ndjson'), `${Array.from({ length: 12 }, (_, i) => record(i)).join('\n')}\n`);
  writeFileSync(join(dir, 'items.json'), '[{"sku":"a","embedding":[1,2,3],"name":"x"}]');
  writeFileSync(join(dir, 'ids.txt'), '7\n8\n');
  for (const ref of ['prod/docs', 'prod/old', 'prod/images', 'test/docs', 'local/notes']) {
    await world.ok(['collection', 'create', ref, '--dimension', '3', '--metric', 'cosine']);
    await world.ok(['upsert', ref, 'docs.ndjson']);
  }
  job = (await world.json(['migrate', 'prod/docs', 'local/made'])).job;
  await world.ok(['connect', 'prod'], { env: { VDB_SESSION: 'ci-17' } });
  await world.ok(['connect', 'prod']);
  for (const ref of ['prod/docs', 'prod/images', 'prod/docs']) await world.ok(['use', ref]);
  await world.ok(['daemon', 'stop']);
  cpSync(dir, template, { recursive: true });
  rmSync(join(template, 'state/run'), { recursive: true });
});

afterAll(async () => {
  rmSync(template, { recursive: true, force: true });
  await world.end();
});

test.each(examples)('$command', async ({ command }) => {
  // Profiles hold absolute paths, so the prepared files are laid where they were made.
  for (const name of readdirSync(world.dir)) rmSync(join(world.dir, name), { recursive: true, force: true });
  cpSync(template, world.dir, { recursive: true });
  for (const before of PREPARE[command] ?? []) expect(await world.sh(before)).toMatchObject({ exit: 0 });
  // No server answers at the examples' addresses.
  const server = /^vdb profile add prod /.test(command);
  if (server) await world.ok(['profile', 'remove', 'prod', '--yes']);
  const script = `${command.replaceAll('01j9zk', job)}${server ? ' --no-test' : ''}`;
  const embed = "embed() { echo '[1,2,3]'; }; ";
  const run = await world.sh(ENDLESS.test(script) ? `timeout -s TERM 3 ${script}; [ $? -ge 124 ]` : embed + script);
  await world.run(['daemon', 'stop']);
  if (UNSUPPORTED.test(command)) {
    expect(run).toMatchObject({ exit: 67, stderr: expect.stringContaining('has no partitions') });
    return;
  }
  expect({ exit: run.exit, stderr: run.exit === 0 ? '' : run.stderr }).toEqual({ exit: 0, stderr: '' });
});
