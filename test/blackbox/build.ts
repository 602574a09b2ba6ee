import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/** An installation beside the real one whose daemon stops at named points. */
export const FAILPOINT_ROOT = join(ROOT, 'node_modules/.cache/vdb-failpoints');

/** Once per run: the build that is tested, and the same with fail points. */
export default function build(): void {
  execFileSync(process.execPath, ['scripts/build.js'], { cwd: ROOT, stdio: 'inherit' });
  mkdirSync(FAILPOINT_ROOT, { recursive: true });
  execFileSync(process.execPath, ['scripts/build.js', '--failpoints', '--out', join(FAILPOINT_ROOT, 'dist')], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  for (const name of ['bin', 'package.json', 'samples'])
    cpSync(join(ROOT, name), join(FAILPOINT_ROOT, name), { recursive: true });
  if (!existsSync(join(FAILPOINT_ROOT, 'node_modules')))
    symlinkSync(join(ROOT, 'node_modules'), join(FAILPOINT_ROOT, 'node_modules'));
}
