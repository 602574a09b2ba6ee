import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { cityLines, Machine } from './machine.ts';
import { median, perSecond, type Row } from './measure.ts';

const RECORDS = 20_000;
const RUNS = 3;
const PROVIDERS = { lance: 'lancedb', pg: 'pgvector' } as const;

/** `migrate --verify none` against the slower of reading the source alone and writing the target alone, in processes of their own. */
export async function bench(): Promise<Row[]> {
  const machine = new Machine();
  const lines = (await cityLines(RECORDS)).join('\n');
  const rows: Row[] = [];
  for (const name of ['lance', 'pg'] as const) {
    machine.run(['profile', 'add', name, '--provider', PROVIDERS[name], '--path', name]);
    machine.run(['collection', 'create', `${name}/cities`, '--dimension', '384', '--metric', 'cosine']);
    machine.run(['upsert', '-', '-c', name, '--collection', 'cities'], lines);
  }
  for (const [source, target] of [
    ['lance', 'pg'],
    ['pg', 'lance'],
  ] as const) {
    const rates: number[] = [];
    const limits: number[] = [];
    const ratios: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const result = JSON.parse(
        machine.run(['migrate', `${source}/cities`, `${target}/copy`, '--verify', 'none', '--json']),
      );
      machine.run(['collection', 'drop', `${target}/copy`, '--yes']);
      machine.run(['daemon', 'stop']);
      const { scan, write } = alone(machine, source, target);
      rates.push(result.recordsPerSecond);
      limits.push(Math.min(scan, write));
      ratios.push(result.recordsPerSecond / Math.min(scan, write));
    }
    rows.push({
      id: 'P4',
      what: `\`migrate --verify none\` ${PROVIDERS[source]} → ${PROVIDERS[target]}, ${RECORDS.toLocaleString('en')} × 384`,
      measured: perSecond(median(rates)),
      reference: `slower side alone ${perSecond(median(limits))}`,
      ratio: median(ratios),
      reach: '≥ 0.85×',
    });
  }
  machine.end();
  return rows;
}

/** Records per second of scanning the source and of writing its batches, held in memory, to a new target. */
function alone(machine: Machine, source: 'lance' | 'pg', target: 'lance' | 'pg'): { scan: number; write: number } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(import.meta.dirname, 'alone.ts'),
      PROVIDERS[source],
      join(machine.dir, source),
      PROVIDERS[target],
      join(machine.dir, target),
    ],
    { encoding: 'utf8', maxBuffer: 1 << 26 },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
