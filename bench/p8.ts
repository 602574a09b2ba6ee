import { spawn } from 'node:child_process';
import { cityLines, Machine } from './machine.ts';
import { ms, quantile, type Row } from './measure.ts';

const REACH = '≤ 10×, ≤ 50 ms';

/**
 * p99 of `ping` on one connection while another is kept busy, by a migration flat out and by an index build in PGlite; over one
 * socket so that processes do not count.
 */
export async function bench(): Promise<Row[]> {
  const machine = new Machine();
  const lines = (await cityLines(20_000)).join('\n');
  machine.run(['profile', 'add', 'lance', '--provider', 'lancedb', '--path', 'lance']);
  machine.run(['profile', 'add', 'other', '--provider', 'lancedb', '--path', 'other']);
  machine.run(['profile', 'add', 'pg', '--provider', 'pgvector', '--path', 'pg']);
  machine.run(['collection', 'create', 'lance/cities', '--dimension', '384', '--metric', 'cosine']);
  machine.run(['upsert', '-', '-c', 'lance', '--collection', 'cities'], lines);
  machine.run(['connect', 'other']);
  const { connectDaemon } = await import('../src/cli/daemonClient.ts');
  Object.assign(process.env, machine.env);
  const daemon = await connectDaemon({
    context: { session: 'default', cwd: machine.dir, umask: 18, readOnly: false },
    start: false,
    noDaemon: false,
    signal: new AbortController().signal,
  });
  const pings = async (until: () => boolean): Promise<number[]> => {
    const times: number[] = [];
    while (!until()) {
      const started = performance.now();
      await daemon.call('connection.ping', { names: ['other'] }, {});
      times.push(performance.now() - started);
      await new Promise(resolve => setTimeout(resolve, 2));
    }
    return times;
  };
  const during = async (...args: string[]): Promise<number[]> => {
    const { file, args: given } = machine.command(...args);
    const child = spawn(file, given, { env: machine.env, cwd: machine.dir, stdio: ['ignore', 'ignore', 'inherit'] });
    let status: number | null | undefined;
    child.on('exit', code => {
      status = code;
    });
    const times = await pings(() => status !== undefined);
    if (status !== 0) throw new Error(`vdb ${args.join(' ')} ended with ${status}`);
    return times;
  };
  const begun = Date.now();
  const idle = await pings(() => Date.now() - begun > 3000);
  const row = (what: string, busy: number[]): Row => {
    const [before, now] = [quantile(idle, 0.99), quantile(busy, 0.99)];
    return {
      id: 'P8',
      what: `p99 of \`ping\` during ${what} (${busy.length} pings)`,
      measured: ms(now),
      reference: `idle p99 ${ms(before)}`,
      ratio: now / before,
      reach: REACH,
    };
  };
  const rows = [row('a migration', await during('migrate', 'lance/cities', 'pg/copy'))];
  const build = 'create index on copy using hnsw (embedding vector_cosine_ops)';
  rows.push(row('an HNSW index build in PGlite', await during('native', '-c', 'pg', '--timeout', '10m', build)));
  await daemon.close();
  machine.end();
  return rows;
}
