import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Options } from 'execa';
import type { Case } from './fault.ts';
import { HTTP_FAULTS, NETWORK_FAULTS, none, SECRET_FAULTS, WRITE_FAULTS } from './fault.ts';
import { collectionOf, dimensionFaults } from './serverFaults.ts';
import type { Stage } from './stage.ts';
import type { Subject } from './subjects.ts';

const NOBODY = 65_534;

export function embedded(stage: Stage, provider: string): Subject {
  const { dir } = stage.world;
  const at = (...path: string[]) => ['--path', join(dir, 'data', ...path)];
  const working = { flags: at('working'), port: 0 };
  const server = { stage, at: () => working.flags, secretName: '', working };
  return {
    provider,
    what: 'embedded',
    cases: {
      ...none(SECRET_FAULTS, 'it is embedded, and has no secret'),
      ...none([...NETWORK_FAULTS, ...WRITE_FAULTS, ...HTTP_FAULTS, 'rate limit'], 'it is embedded, there is no server'),
      ...dimensionFaults(server, collectionOf(stage, provider, working)),
      'directory missing': async () => ({ flags: at('not', 'there', 'yet') }),
      'file instead of a directory': async () => {
        mkdirSync(join(dir, 'data'), { recursive: true });
        writeFileSync(join(dir, 'data/file'), 'text');
        return { flags: at('file') };
      },
      'unreadable directory': unreadable(stage),
    },
  };
}

/** Root may read everything; in its place somebody looks who may not. */
function unreadable({ world }: Stage): Case {
  return async () => {
    const path = join(world.dir, 'closed');
    mkdirSync(path, { mode: 0 });
    const flags = ['--path', path];
    if (process.getuid?.() !== 0) return { flags };
    const as = { uid: NOBODY, gid: NOBODY };
    try {
      execFileSync(world.bin, ['--version'], { ...as, stdio: 'ignore' });
    } catch {
      return 'root may read everything, and nobody else may run vdb here';
    }
    chmodSync(world.dir, 0o711);
    return { flags, as: { ...as, env: asNobody(world.env) } satisfies Options };
  };
}

/** A home of its own; the name of its state directory begins with the world's, which ends its daemon too. */
function asNobody(env: Record<string, string>): Record<string, string> {
  const own: Record<string, string> = {};
  for (const name of ['VDB_CONFIG_DIR', 'VDB_STATE_DIR']) {
    own[name] = `${env[name]}-nobody`;
    mkdirSync(own[name]!, { mode: 0o700 });
    chownSync(own[name]!, NOBODY, NOBODY);
  }
  return own;
}
