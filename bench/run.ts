/** `npm run bench -- [NAME…]`: each benchmark prints a table and one line of JSON. All are ratios within one run. */
import { cpus, totalmem } from 'node:os';
import type { Row } from './measure.ts';

const BENCHES: Record<string, () => Promise<{ bench: () => Promise<Row[]> }>> = {
  p1: () => import('./p1.ts'),
  p2: () => import('./p2.ts'),
  p3: () => import('./p3.ts'),
  p4: () => import('./p4.ts'),
  p5: () => import('./p5.ts'),
  p8: () => import('./p8.ts'),
};

// It alone adds 36 ms to every start of Node 20, and is not what is measured.
delete process.env.NODE_EXTRA_CA_CERTS;

const names = process.argv.slice(2);
for (const name of names)
  if (!(name in BENCHES)) throw new Error(`no benchmark '${name}'; there are ${Object.keys(BENCHES).join(', ')}`);
const rows: Row[] = [];
for (const name of names.length > 0 ? names : Object.keys(BENCHES))
  rows.push(...(await (await BENCHES[name]!()).bench()));

const machine = `${cpus().length} × ${cpus()[0]!.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`;
process.stdout.write(
  `\n${machine}\n\n| # | what | measured | reference | ratio | reach |\n|---|---|---|---|---|---|\n`,
);
for (const { id, what, measured, reference, ratio, reach } of rows) {
  process.stdout.write(`| ${id} | ${what} | ${measured} | ${reference} | **${ratio.toFixed(2)}×** | ${reach} |\n`);
}
process.stdout.write(`\n${JSON.stringify({ machine, rows })}\n`);
