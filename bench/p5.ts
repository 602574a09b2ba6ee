import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, perSecond, type Row } from './measure.ts';
import type { Side } from './p5Side.ts';
import { findPlaces, type Place } from './places.ts';

const RECORDS = 10_000;
const RUNS = 3;

interface Rates {
  write: number;
  read: number;
}

/** A connector's `upsert` and `scan` alone against the best technique known for the database (techniques/), in turns. */
export async function bench(): Promise<Row[]> {
  const dir = mkdtempSync(join(tmpdir(), 'vdb-bench-'));
  const places = await findPlaces(dir);
  try {
    for (const line of places.absent) process.stdout.write(`${line}\n`);
    return places.found.filter(chosen).flatMap(inTurns);
  } finally {
    places.end();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** `VDB_BENCH_ONLY`: titles joined by commas. */
function chosen({ title }: Place): boolean {
  const only = process.env.VDB_BENCH_ONLY;
  return !only || only.split(',').some(each => title.startsWith(each));
}

function inTurns(place: Place): Row[] {
  const ours: Rates[] = [];
  const theirs: Rates[] = [];
  for (let run = 0; run < RUNS; run++) {
    ours.push(measure({ place, side: 'connector', records: RECORDS, name: name(run, 'c') }));
    theirs.push(measure({ place, side: 'technique', records: RECORDS, name: name(run, 't') }));
  }
  return (['upsert', 'scan'] as const).map(verb => {
    const of = (rates: Rates): number => (verb === 'upsert' ? rates.write : rates.read);
    return {
      id: 'P5',
      what: `\`${verb}\` ${place.title}, ${RECORDS.toLocaleString('en')} × 384`,
      measured: perSecond(median(ours.map(of))),
      reference: `technique ${perSecond(median(theirs.map(of)))}`,
      ratio: median(ours.map((rates, run) => of(rates) / of(theirs[run]!))),
      reach: '≥ 0.8×',
    };
  });
}

/** One that every database takes. */
function name(run: number, side: string): string {
  return `bench${side}${Date.now().toString(36)}${run}`;
}

function measure(side: Side): Rates {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'p5Side.ts')], {
    input: JSON.stringify(side),
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`${side.place.title}, ${side.side}: ${stderr}`);
  return JSON.parse(stdout);
}
