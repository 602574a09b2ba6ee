/**
 * Damages the code in ways that a careless change would, one at a time in a copy of the tree, and expects the tests to turn
 * red each time. A test that never failed proves nothing.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MUTANTS, type Mutant } from './mutantList.ts';

const ROOT = join(import.meta.dirname, '..');

function copyTree(): string {
  const directory = mkdtempSync(join(tmpdir(), 'vdb-mutant-'));
  for (const name of [
    'src',
    'test',
    'bin',
    'scripts',
    'samples',
    'package.json',
    'tsconfig.json',
    'vitest.config.ts',
  ]) {
    cpSync(join(ROOT, name), join(directory, name), { recursive: true });
  }
  mkdirSync(join(directory, 'docs'));
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  return directory;
}

function damage(directory: string, { file, find, replace }: Mutant): void {
  const path = join(directory, file);
  const text = readFileSync(path, 'utf8');
  const parts = text.split(find);
  if (parts.length !== 2) throw new Error(`${file} holds ${parts.length - 1} times what the mutant replaces: ${find}`);
  writeFileSync(path, parts.join(replace));
}

/** True when the tests noticed. */
function isKilled(directory: string, tests: string[]): boolean {
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--bail', '1', ...tests],
    {
      cwd: directory,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    },
  );
  if (/No test files found/.test(stdout)) throw new Error(`no tests ran: ${tests.join(' ')}`);
  return status !== 0;
}

const wanted = process.argv.slice(2);
const mutants = MUTANTS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const survivors: string[] = [];

/** Runs `check` on a copy of the tree that is gone afterwards. */
function inCopy<T>(check: (directory: string) => T): T {
  const directory = copyTree();
  try {
    return check(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const tests = [...new Set(mutants.flatMap(mutant => mutant.tests))];
if (inCopy(directory => isKilled(directory, tests))) throw new Error('the tests are red before anything was damaged');
for (const mutant of mutants) {
  const killed = inCopy(directory => {
    damage(directory, mutant);
    return isKilled(directory, mutant.tests);
  });
  process.stdout.write(`${killed ? 'killed  ' : 'SURVIVED'}  ${mutant.name}\n`);
  if (!killed) survivors.push(mutant.name);
}
if (survivors.length > 0) {
  process.stderr.write(`survived: ${survivors.join(', ')}\n`);
  process.exit(1);
}
