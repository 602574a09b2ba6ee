import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cityLines, Machine, NODE_NOTHING } from './machine.ts';
import { type Command, inTurns, ms, type Row } from './measure.ts';
import { findPlaces, type Place } from './places.ts';

/** The script of each place, what a person would write instead (import the official SDK, connect, ask, print), and the reach. */
const SCRIPTS: [title: string, script: string, reach: string][] = [
  ['LanceDB', 'lancedb', '≤ 0.45×'],
  ['PGlite', 'pglite', '≤ 0.45×'],
  ['PostgreSQL', 'postgresql', '≤ 0.45×'],
  ['Chroma', 'chroma', '≤ 0.45×'],
  ['Neo4j', 'neo4j', '≤ 0.15×'],
  ['Weaviate', 'weaviate', '≤ 0.15×'],
  ['Qdrant', 'qdrant', '≤ 0.28×'],
];

/** Warm `vdb query … --json` against a one-shot script (one-shot/), whole processes. */
export async function bench(): Promise<Row[]> {
  const machine = new Machine();
  const places = await findPlaces(machine.dir);
  try {
    for (const line of places.absent) process.stdout.write(`${line}\n`);
    const lines = await cityLines(1000);
    const vector = /"vector":(\[[^\]]*\])/.exec(lines[0]!)![1]!;
    writeFileSync(join(machine.dir, 'question.json'), vector);
    return SCRIPTS.flatMap(([title, script, reach]) => {
      const place = places.found.find(each => each.title.startsWith(title));
      return place === undefined ? [] : [against(machine, place, script, reach, lines.join('\n'), vector)];
    });
  } finally {
    machine.end();
    places.end();
  }
}

function against(machine: Machine, place: Place, script: string, reach: string, lines: string, vector: string): Row {
  const { title, provider, options, secrets } = place;
  const collection = `bench${Date.now().toString(36)}`;
  const [secret] = Object.entries(secrets);
  Object.assign(machine.env, { SECRET: secret?.[1] ?? '' });
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${kebab(name)}`, String(value)]);
  const from = secret ? ['--secret', `${secret[0]}=env:SECRET`] : [];
  machine.run(['profile', 'add', script, '--provider', provider, ...flags, ...from]);
  machine.run(['connect', script]);
  machine.run(['collection', 'create', `${script}/${collection}`, '--dimension', '384', '--metric', 'cosine']);
  machine.run(['upsert', '-', '-c', script, '--collection', collection], lines);
  const query = machine.command('query', `${script}/${collection}`, '--vector', '@question.json', '-k', '5', '--json');
  const { url, user, grpcPort } = options;
  const oneShot: Command = {
    file: process.execPath,
    args: [join(import.meta.dirname, 'one-shot', `${script}.mjs`), collection, vector],
    options: {
      cwd: machine.dir,
      env: { ...machine.env, URL: String(url), USERNAME: String(user), GRPC_PORT: String(grpcPort) },
    },
  };
  const row = { id: 'P2', what: `warm \`vdb query\`, ${title}`, reach };
  if (script === 'pglite') {
    // The script needs the directory for itself, so vdb is measured first.
    const vdb = inTurns(query, NODE_NOTHING, 15);
    machine.run(['disconnect', script]);
    machine.run(['daemon', 'stop']);
    const own = inTurns(oneShot, NODE_NOTHING, 5, 1);
    return { ...row, measured: ms(vdb.a), reference: `one-shot script ${ms(own.a)}`, ratio: vdb.a / own.a };
  }
  try {
    const { a, b, ratio } = inTurns(query, oneShot, 15);
    return { ...row, measured: ms(a), reference: `one-shot script ${ms(b)}`, ratio };
  } finally {
    machine.run(['collection', 'drop', `${script}/${collection}`, '--yes']);
  }
}

/** An option as its flag. */
function kebab(name: string): string {
  return name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
}
