import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where installed servers stay: `VDB_TEST_CACHE`, else `~/.cache/vdb-servers`. For root it is `/var/cache/vdb-servers`,
 * because PostgreSQL, which refuses to run as root, must be able to read its binaries, and nobody else enters `/root`.
 */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  if (env.VDB_TEST_CACHE) return env.VDB_TEST_CACHE;
  return process.getuid?.() === 0 ? '/var/cache/vdb-servers' : join(homedir(), '.cache', 'vdb-servers');
}

/** Where running servers are noted: `VDB_TEST_SERVERS_DIR`, else `running` in the cache directory. */
export function stateDirectory(env: NodeJS.ProcessEnv = process.env): string {
  return env.VDB_TEST_SERVERS_DIR || join(cacheDirectory(env), 'running');
}
