import { Machine, NODE_NOTHING } from './machine.ts';
import { inTurns, ms, type Row } from './measure.ts';

/** The first command with no daemon: it starts one, which opens LanceDB. */
export async function bench(): Promise<Row[]> {
  const machine = new Machine();
  machine.run(['profile', 'add', 'lance', '--provider', 'lancedb', '--path', 'lance']);
  machine.run(['connect', 'lance']);
  const first = { ...machine.command('ping', 'lance'), before: () => void machine.run(['daemon', 'stop']) };
  const { a, b, ratio } = inTurns(first, NODE_NOTHING, 15);
  machine.end();
  return [
    {
      id: 'P3',
      what: 'first command, no daemon, LanceDB',
      measured: ms(a),
      reference: `\`node -e 0\` ${ms(b)}`,
      ratio,
      reach: '≤ 10×',
    },
  ];
}
