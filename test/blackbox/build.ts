import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/** An installation beside the real one: its daemon stops at named points and has a database in memory. */
export const TEST_BUILD_ROOT = join(ROOT, 'node_modules/.cache/vdb-test-build');

/** Once per run: the build that is tested, and the same with what only tests may use. */
export default function build(): void {
  execFileSync(process.execPath, ['scripts/build.js'], { cwd: ROOT, stdio: 'inherit' });
  mkdirSync(TEST_BUILD_ROOT, { recursive: true });
  execFileSync(process.execPath, ['scripts/build.js', '--test-build', '--out', join(TEST_BUILD_ROOT, 'dist')], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  for (const name of ['bin', 'package.json', 'samples'])
    cpSync(join(ROOT, name), join(TEST_BUILD_ROOT, name), { recursive: true });
  if (!existsSync(join(TEST_BUILD_ROOT, 'node_modules')))
    symlinkSync(join(ROOT, 'node_modules'), join(TEST_BUILD_ROOT, 'node_modules'));
}
