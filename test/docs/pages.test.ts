import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { capabilitiesPage } from '../../scripts/capabilitiesPage.ts';
import { fidelityPage } from '../../scripts/fidelityPage.ts';
import { World } from '../blackbox/world.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Shell blocks behind an `<!-- example -->` mark; a name says what the block needs. */
function blocks(page: string): { name: string; script: string }[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/<!-- example(?:: (\S+))? -->\n```sh\n([\s\S]*?)```/g)].map(([, name, script]) => ({
    name: name ?? '',
    script: script!,
  }));
}

async function runAll(world: World, page: string): Promise<number> {
  let ran = 0;
  for (const { name, script } of blocks(page)) {
    if (name === 'postgres') continue;
    const run = await world.sh(`set -eu\n${script}`);
    expect({ page, script, exit: run.exit, stderr: run.exit === 0 ? '' : run.stderr }).toEqual({
      page,
      script,
      exit: 0,
      stderr: '',
    });
    ran++;
  }
  return ran;
}

test('the examples of README and guide do what they say', async () => {
  const world = new World();
  expect(await runAll(world, 'README.md')).toBe(3);
  expect(await world.json(['verify', 'notes/docs', 'archive/docs'])).toMatchObject({ equal: true, equalRecords: 2 });
  expect(await runAll(world, 'docs/guide/filters.md')).toBe(1);
  expect(await runAll(world, 'docs/guide/migrate.md')).toBe(1);
});

test('README tells every exit status and every setting of the environment that its tables name', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  for (const exit of [2, 20, 22, 24, 65, 66, 67, 69, 73, 74, 75, 77, 78, 124, 130, 143]) {
    expect(readme).toMatch(new RegExp(`^\\| .*\\b${exit}\\b.*\\|`, 'm'));
  }
});

test('the pages of capabilities and fidelity are made of the facts as they are', () => {
  expect(readFileSync(join(ROOT, 'docs/capabilities.md'), 'utf8')).toBe(capabilitiesPage());
  expect(readFileSync(join(ROOT, 'docs/fidelity.md'), 'utf8')).toBe(fidelityPage());
});

test('links between pages lead somewhere', () => {
  for (const page of [
    'README.md',
    'CONTRIBUTING.md',
    'docs/ARCHITECTURE.md',
    'docs/guide/filters.md',
    'docs/guide/migrate.md',
    'docs/add-a-database.md',
    'docs/capabilities.md',
    'docs/fidelity.md',
  ]) {
    const text = readFileSync(join(ROOT, page), 'utf8');
    for (const [, link] of text.matchAll(/\]\((?!https?:)([^)#]+)/g)) readFileSync(resolve(ROOT, page, '..', link!));
  }
});
