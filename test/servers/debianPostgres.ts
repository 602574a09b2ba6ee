import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.ts';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const PACKAGES = ['postgresql-15', 'postgresql-client-15', 'postgresql-server-dev-15', 'libpq-dev', 'libpq5'];

/**
 * Unpacks Debian 12's PostgreSQL 15 into `home` and compiles pgvector from Debian 13's source package into it.
 * Nothing of the system changes and root is not needed: apt works on lists of its own, and PostgreSQL finds its files
 * relative to its binary. Needs Debian 12 with the libraries of PostgreSQL (package postgresql-15), gcc, make and apt.
 */
export async function installDebianPostgres(home: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'vdb-apt-'));
  try {
    const mirror = await debianMirror();
    const sources = [
      `deb [signed-by=${KEYRING}] ${mirror} bookworm main`,
      `deb-src [signed-by=${KEYRING}] ${mirror} trixie main`,
    ];
    await writeFile(join(work, 'sources.list'), `${sources.join('\n')}\n`);
    await mkdir(join(work, 'lists', 'partial'), { recursive: true });
    await mkdir(join(work, 'cache', 'archives', 'partial'), { recursive: true });
    const settings = {
      'Dir::Etc::sourcelist': join(work, 'sources.list'),
      'Dir::Etc::sourceparts': '-',
      'Dir::State::lists': join(work, 'lists'),
      'Dir::Cache': join(work, 'cache'),
      'Acquire::Languages': 'none',
      ...(process.getuid?.() === 0 && { 'APT::Sandbox::User': 'root' }),
    };
    const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    const apt = (...args: string[]) => run('apt-get', [...options, '-qq', ...args], { cwd: work });
    await apt('update');
    await apt('download', ...PACKAGES);
    await apt('source', '--download-only', 'pgvector');
    const files = await readdir(work);
    for (const file of files.filter(name => name.endsWith('.deb')))
      await run('dpkg-deb', ['-x', join(work, file), home]);
    const archive = files.find(name => /^pgvector_.*\.orig\.tar\.gz$/.test(name));
    if (archive === undefined) throw new Error('apt brought no source of pgvector');
    const source = join(work, 'pgvector');
    await mkdir(source);
    await run('tar', ['-xf', join(work, archive), '-C', source, '--strip-components=1']);
    const config = `PG_CONFIG=${join(home, 'usr/lib/postgresql/15/bin/pg_config')}`;
    const make = (...targets: string[]) =>
      run('make', ['-s', '-C', source, 'with_llvm=no', 'OPTFLAGS=', config, ...targets]);
    await make();
    await make('install');
    await run(join(home, 'usr/lib/postgresql/15/bin/postgres'), ['--version']);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The mirror that the system itself uses. */
async function debianMirror(): Promise<string> {
  const listed = await run('apt-get', ['indextargets', '--format', '$(REPO_URI) $(CODENAME)']);
  const mirror = listed.split('\n').find(line => line.endsWith(' bookworm'));
  if (mirror === undefined) throw new Error('this is not Debian 12 with package sources');
  return mirror.split(' ')[0]!;
}
