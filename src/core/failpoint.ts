import { TEST_BUILD } from './testBuild.ts';

const passes = new Map<string, number>();

/**
 * Named points of architecture §10 where tests kill the process. In builds for users calls do nothing; in test builds
 * `VDB_FAILPOINT=name[:n[:kill|throw]]` acts at the n-th pass of that name (from 1): SIGKILL (the default), or an error.
 */
export function failpoint(name: string): void {
  if (!TEST_BUILD) return;
  const armed = process.env.VDB_FAILPOINT;
  if (!armed) return;
  const [point, nth = '1', action = 'kill'] = armed.split(':');
  if (point !== name) return;
  const pass = (passes.get(name) ?? 0) + 1;
  passes.set(name, pass);
  if (pass !== Number(nth)) return;
  if (action === 'throw') throw new Error(`fail point ${name}`);
  process.kill(process.pid, 'SIGKILL');
}
