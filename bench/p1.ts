import { Machine, NODE_NOTHING } from './machine.ts';
import { inTurns, ms, type Row } from './measure.ts';

/** Warm `vdb ping`, whole process. */
export async function bench(): Promise<Row[]> {
  const machine = new Machine();
  machine.run(['profile', 'add', 'lance', '--provider', 'lancedb', '--path', 'lance']);
  machine.run(['connect', 'lance']);
  const { a, b, ratio } = inTurns(machine.command('ping'), NODE_NOTHING, 40);
  machine.end();
  return [
    {
      id: 'P1',
      what: 'warm `vdb ping`',
      measured: ms(a),
      reference: `\`node -e 0\` ${ms(b)}`,
      ratio,
      reach: '≤ 1.6×, aim 1.4×',
    },
  ];
}
