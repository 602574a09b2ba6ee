import { userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { VdbError } from '../model/errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Directories {
  /** Settings, profiles, encrypted credentials. */
  configDir: string;
  /** Sessions, jobs, log, the daemon's run directory. */
  stateDir: string;
}

/**
 * `VDB_CONFIG_DIR` and `VDB_STATE_DIR`, else the XDG directories, else those of macOS. The names are those of env-paths,
 * which cannot be told an environment. Creates nothing. Throws VdbError `config`.
 */
export function directories(env: Environment, platform: NodeJS.Platform = process.platform): Directories {
  const mac = platform === 'darwin';
  return {
    configDir: directory(env, 'VDB_CONFIG_DIR', 'XDG_CONFIG_HOME', mac ? 'Library/Preferences' : '.config'),
    stateDir: directory(env, 'VDB_STATE_DIR', 'XDG_STATE_HOME', mac ? 'Library/Application Support' : '.local/state'),
  };
}

function directory(env: Environment, own: string, xdg: string, underHome: string): string {
  const given = env[own];
  // By the XDG specification a relative path is to be ignored.
  const base = env[xdg] && isAbsolute(env[xdg]) ? env[xdg] : null;
  const path = given ? given : base ? join(base, 'vdb') : join(home(env, own), underHome, 'vdb');
  if (!isAbsolute(path)) {
    throw new VdbError('config', `${own} is not an absolute path: ${path}`, {
      hint: `Give ${own} a path that starts with /.`,
    });
  }
  if (/[\0-\x1f\x7f]/.test(path)) {
    throw new VdbError('config', `the directory ${JSON.stringify(path)} has a control character in its name`, {
      hint: `Set ${own} to another directory.`,
    });
  }
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}

function home(env: Environment, own: string): string {
  if (env.HOME && isAbsolute(env.HOME)) return env.HOME;
  try {
    return userInfo().homedir;
  } catch {
    throw new VdbError('config', 'there is no home directory: HOME is not set and this user is unknown to the system', {
      hint: `Set ${own}, or HOME.`,
    });
  }
}
