import { spawn } from 'node:child_process';
import { cityLines, Machine } from './machine.ts';
import { ms, quantile, type Row } from './measure.ts';

/** p99 of `ping` on one connection while another runs a migration flat out, over one socket so that processes do not count. */
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
  const begun = Date.now();
  const idle = await pings(() => Date.now() - begun > 3000);
  const command = machine.command('migrate', 'lance/cities', 'pg/copy');
  const child = spawn(command.file, command.args, { env: machine.env, stdio: 'ignore' });
  let running = true;
  child.on('exit', () => {
    running = false;
  });
  const busy = await pings(() => !running);
  await daemon.close();
  machine.end();
  const [before, during] = [quantile(idle, 0.99), quantile(busy, 0.99)];
  return [
    {
      id: 'P8',
      what: `p99 of \`ping\` during a migration (${busy.length} pings)`,
      measured: ms(during),
      reference: `idle p99 ${ms(before)}`,
      ratio: during / before,
      reach: '≤ 10×, ≤ 50 ms',
    },
  ];
}
