import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cityLines, Machine } from './machine.ts';
import { inTurns, ms, type Row } from './measure.ts';

const ROOT = join(import.meta.dirname, '..');

/** What a person would write instead: import the official SDK, connect, ask, print. */
const SCRIPTS = {
  lancedb: `
    import { connect } from '@lancedb/lancedb';
    const table = await (await connect('lance')).openTable('cities');
    console.log(JSON.stringify(await table.vectorSearch(JSON.parse(process.argv[2])).distanceType('cosine').limit(5).toArray(), (_, value) => (typeof value === 'bigint' ? Number(value) : value)));`,
  pglite: `
    import { PGlite } from '@electric-sql/pglite';
    import { vector } from '@electric-sql/pglite-pgvector';
    const db = await PGlite.create('pg', { extensions: { vector } });
    console.log(JSON.stringify((await db.query('SELECT id, metadata, document FROM cities ORDER BY ' + process.argv[3] + ' <=> $1 LIMIT 5', [process.argv[2]])).rows));
    await db.close();`,
  pg: `
    import pg from 'pg';
    const client = new pg.Client(process.env.VDB_TEST_POSTGRES_URL);
    await client.connect();
    console.log(JSON.stringify((await client.query('SELECT id, metadata, document FROM cities ORDER BY ' + process.argv[3] + ' <=> $1 LIMIT 5', [process.argv[2]])).rows));
    await client.end();`,
};

/** Warm `vdb query … --json` against a one-shot script, whole processes. A real PostgreSQL is measured when VDB_TEST_POSTGRES_URL is set. */
export async function bench(): Promise<Row[]> {
  const machine = new Machine();
  const lines = await cityLines(1000);
  const vector = /"vector":(\[[^\]]*\])/.exec(lines[0]!)![1]!;
  writeFileSync(join(machine.dir, 'question.json'), vector);
  const url = process.env.VDB_TEST_POSTGRES_URL;
  const targets: [string, keyof typeof SCRIPTS, string[]][] = [
    ['LanceDB', 'lancedb', ['--provider', 'lancedb', '--path', 'lance']],
    ['PGlite', 'pglite', ['--provider', 'pgvector', '--path', 'pg']],
  ];
  if (url) {
    const { password } = new URL(url);
    process.env.VDB_BENCH_PASSWORD = password;
    const clean = new URL(url);
    clean.password = '';
    targets.push([
      'PostgreSQL',
      'pg',
      ['--provider', 'pgvector', '--url', clean.href, '--secret', 'password=env:VDB_BENCH_PASSWORD'],
    ]);
    Object.assign(machine.env, { VDB_BENCH_PASSWORD: password, VDB_TEST_POSTGRES_URL: url });
  }
  const rows: Row[] = [];
  for (const [title, script, flags] of targets) {
    machine.run(['profile', 'add', script, ...flags]);
    machine.run(['connect', script]);
    machine.run(['collection', 'create', `${script}/cities`, '--dimension', '384', '--metric', 'cosine']);
    machine.run(['upsert', '-', '-c', script, '--collection', 'cities'], lines.join('\n'));
    const file = join(ROOT, 'bench', `.one-shot-${script}.mjs`);
    writeFileSync(file, SCRIPTS[script]);
    const query = machine.command('query', `${script}/cities`, '--vector', '@question.json', '-k', '5', '--json');
    if (script === 'pglite') {
      // The script needs the directory for itself, so vdb is measured first.
      const vdb = inTurns(query, { file: process.execPath, args: ['-e', '0'] }, 15);
      machine.run(['disconnect', script]);
      machine.run(['daemon', 'stop']);
      const own = inTurns(
        { file: process.execPath, args: [file, vector, 'embedding'], options: { cwd: machine.dir } },
        { file: process.execPath, args: ['-e', '0'] },
        5,
        1,
      );
      rows.push({
        id: 'P2',
        what: `warm \`vdb query\`, ${title}`,
        measured: ms(vdb.a),
        reference: `one-shot script ${ms(own.a)}`,
        ratio: vdb.a / own.a,
        reach: '≤ 0.45×',
      });
      continue;
    }
    const { a, b, ratio } = inTurns(
      query,
      {
        file: process.execPath,
        args: [file, vector, 'embedding'],
        options: { cwd: machine.dir, env: { ...process.env, ...machine.env } },
      },
      15,
    );
    rows.push({
      id: 'P2',
      what: `warm \`vdb query\`, ${title}`,
      measured: ms(a),
      reference: `one-shot script ${ms(b)}`,
      ratio,
      reach: '≤ 0.45×',
    });
    if (script === 'pg') machine.run(['collection', 'drop', 'pg/cities', '--yes']);
  }
  machine.end();
  return rows;
}
