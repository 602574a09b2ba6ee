import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { World } from '../blackbox/world.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** An installation without a Node of its own: bin and dist in a directory with a blank in its name. */
function installed(world: World): string {
  const root = join(world.dir, 'lib', 'a b');
  mkdirSync(root, { recursive: true });
  for (const name of ['bin', 'dist']) cpSync(join(ROOT, name), join(root, name), { recursive: true });
  return root;
}

function run(world: World, file: string, path: string) {
  return execa(file, ['--version'], { reject: false, extendEnv: false, env: { ...world.env, PATH: path } });
}

test('bin/vdb finds its package through chains of links, from anywhere', async () => {
  const world = new World();
  const root = installed(world);
  mkdirSync(join(root, 'node_modules/.bin'), { recursive: true });
  symlinkSync(process.execPath, join(root, 'node_modules/.bin/node'));
  mkdirSync(join(world.dir, 'bin'));
  symlinkSync(join(root, 'bin/vdb'), join(world.dir, 'bin/absolute'));
  symlinkSync('absolute', join(world.dir, 'bin/chained'));
  symlinkSync('../lib/a b/bin/vdb', join(world.dir, 'bin/relative'));
  for (const name of ['absolute', 'chained', 'relative']) {
    const { stdout, exitCode } = await run(world, join(world.dir, 'bin', name), '/usr/bin:/bin');
    expect(stdout).toMatch(/^\d+\.\d+\.\d+$/);
    expect(exitCode).toBe(0);
  }
});

test('without a Node, or with one that is too old or a dangling link: one line, 78', async () => {
  const world = new World();
  const root = installed(world);
  const tools = join(world.dir, 'tools');
  mkdirSync(tools);
  symlinkSync('/bin/sh', join(tools, 'sh'));
  const none = await run(world, join(root, 'bin/vdb'), tools);
  expect(none.exitCode).toBe(78);
  expect(none.stderr).toMatch(/^vdb: needs Node\.js 22\.12 .*$/);

  const prelude = readFileSync(join(root, 'dist/vdb.cjs'), 'utf8');
  const old = `Object.defineProperty(process.versions, 'node', { value: '18.20.1' });\n${prelude}`;
  writeFileSync(join(root, 'dist/vdb.cjs'), old);
  mkdirSync(join(root, 'node_modules/.bin'), { recursive: true });
  symlinkSync('/nowhere/node', join(root, 'node_modules/.bin/node'));
  writeFileSync(join(tools, 'node'), `#!/bin/sh\nexec '${process.execPath}' "$@"\n`);
  chmodSync(join(tools, 'node'), 0o755);
  const outdated = await run(world, join(root, 'bin/vdb'), tools);
  expect(outdated.exitCode).toBe(78);
  expect(outdated.stderr).toMatch(/^vdb: needs Node\.js 22\.12 or newer, and found 18\.20\.1 at .*$/);
});

test('the prelude is syntax that any Node can parse', () => {
  const prelude = readFileSync(join(ROOT, 'src/cli/prelude.cjs'), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  expect(prelude).not.toMatch(/=>|`|\b(const|let|class|async)\b|\?\.|\?\?|\.\.\.|catch \{/);
});
