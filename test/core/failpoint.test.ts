import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const SCRIPT = `import { failpoint } from ${JSON.stringify(resolve(import.meta.dirname, '../../src/core/failpoint.ts'))};
for (let i = 1; i <= 3; i++) { failpoint('a.b'); failpoint('c'); console.log(i); }`;

function run(armed: string) {
  return spawnSync(process.execPath, ['--input-type=module', '-e', SCRIPT], {
    env: { ...process.env, VDB_FAILPOINT: armed },
    encoding: 'utf8',
  });
}

test('acts at the n-th pass of its name, and at no other', () => {
  expect(run('')).toMatchObject({ status: 0, stdout: '1\n2\n3\n' });
  expect(run('other')).toMatchObject({ status: 0, stdout: '1\n2\n3\n' });
  expect(run('a.b')).toMatchObject({ signal: 'SIGKILL', stdout: '' });
  expect(run('c:3')).toMatchObject({ signal: 'SIGKILL', stdout: '1\n2\n' });
  const thrown = run('a.b:2:throw');
  expect(thrown).toMatchObject({ status: 1, stdout: '1\n' });
  expect(thrown.stderr).toContain('fail point a.b');
});
