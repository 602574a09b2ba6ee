import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Launch, Place } from './kind.ts';
import { run } from './run.ts';

export interface Owner {
  uid: number;
  gid: number;
}

/** PostgreSQL refuses to run as root: it then runs as `postgres`, or else as `nobody`. */
export async function postgresOwner(): Promise<Owner | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const id = (flag: string) => run('id', [flag, name]).then(Number, () => undefined);
    const [uid, gid] = [await id('-u'), await id('-g')];
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new Error('there is neither a user postgres nor a user nobody to run PostgreSQL as');
}

/**
 * A cluster in `data`, made when there is none: user `postgres`, scram, UTF-8, locale C.UTF-8.
 * `fsync=off`: kill -9 of the server loses nothing (measured), only a crash of the machine would.
 */
export async function preparePostgres(
  bin: string,
  place: Place,
  settings: Record<string, string> = {},
): Promise<Launch> {
  const { data, port, secret } = place;
  const owner = await postgresOwner();
  const cluster = join(data, 'cluster');
  const env = { PATH: process.env.PATH ?? '', HOME: data, LC_ALL: 'C' };
  await mkdir(data, { recursive: true });
  if (owner) await chown(data, owner.uid, owner.gid);
  await chmod(data, 0o700);
  if (!existsSync(join(cluster, 'PG_VERSION'))) {
    const passwordFile = join(data, 'password');
    await writeFile(passwordFile, secret, { mode: 0o600 });
    if (owner) await chown(passwordFile, owner.uid, owner.gid);
    const auth = ['-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
    const form = ['-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'];
    await run(join(bin, 'initdb'), ['-D', cluster, ...auth, ...form], { ...owner, cwd: data, env, extendEnv: false });
    await rm(passwordFile);
  }
  const all = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    // the path of a socket holds 107 bytes
    unix_socket_directories: data.length > 85 ? '' : data,
    max_connections: '200',
    fsync: 'off',
    ...settings,
  };
  const url = `postgres://postgres:${secret}@127.0.0.1:${port}/postgres`;
  return {
    command: join(bin, 'postgres'),
    args: ['-D', cluster, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    env,
    ...owner,
    access: { url },
    async ready() {
      await query({ connectionString: url }, 'select 1');
    },
  };
}

/** One statement on a connection of its own. */
export async function query(config: pg.ClientConfig, sql: string): Promise<void> {
  const client = new pg.Client({ connectionTimeoutMillis: 2_000, ...config });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end();
  }
}
