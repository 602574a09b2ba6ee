/**
 * One side of p5 in a process of its own: reads a Side from its standard input, writes and reads the records, and prints
 * records per second of both. Both sides are warmed by a fifth of the records in a collection of its own.
 */
import { readFileSync } from 'node:fs';
import { registry } from '../src/connectors/registry.ts';
import { Secret } from '../src/core/secret.ts';
import { DEFAULTS } from '../src/core/settings.ts';
import { CONCURRENCY } from '../src/core/transfer/transferLimits.ts';
import { batchBytes } from '../src/model/batch.ts';
import { type RecordBatch, WANT_ALL } from '../src/model/record.ts';
import { cityLines } from './machine.ts';
import type { Place } from './places.ts';
import { type Cities, DIMENSION, inFlight, noCities, type OpenTechnique } from './techniques/technique.ts';

export interface Side {
  place: Place;
  /** `connector` or `technique`. */
  side: string;
  records: number;
  name: string;
}

const { place, side, records, name } = JSON.parse(readFileSync(0, 'utf8')) as Side;
const call = { signal: new AbortController().signal, deadlineMs: Number.POSITIVE_INFINITY };

/** The connector as the registry gives it, without the guard. */
const openConnector: OpenTechnique = async ({ provider, options, secrets }, collection) => {
  const connector = await registry[provider]!();
  const given = Object.entries(secrets).map(([key, text]) => [key, new Secret(text)]);
  const database = await connector.connect(options, Object.fromEntries(given), call);
  const vectors = [{ name: '', kind: 'dense', dimension: DIMENSION, metric: 'cosine', element: 'f32' } as const];
  const info = await database.create({ name: collection, vectors }, call);
  const ref = { collection: info.name, partition: '' };
  await database.load?.(ref, call);
  return {
    write: (batches, most) =>
      inFlight(batches.map(batchOf), database.capabilities.exclusive ? 1 : most, batch =>
        database.upsert(ref, batch, {}, call),
      ),
    async read(batchRecords) {
      const pages: Cities[] = [];
      const request = { want: WANT_ALL, batchBytes: DEFAULTS.batchBytes, batchRecords };
      for await (const { batch } of database.scan!(ref, request, call)) pages.push(citiesOf(batch));
      return pages;
    },
    drop: () => database.drop(ref, call),
    close: () => database.close(),
  };
};

function batchOf({ count, ids, vectors: values, metadata, documents }: Cities): RecordBatch {
  const vectors = [{ name: '', kind: 'dense', element: 'f32', dimension: DIMENSION, values } as const];
  const batch = { count, partition: '', ids, vectors, metadata: metadata as string[], documents };
  return { ...batch, bytes: batchBytes(batch) };
}

function citiesOf({ count, ids, vectors, metadata, documents }: RecordBatch): Cities {
  const [column] = vectors;
  return {
    count,
    ids: ids as string[],
    vectors: column!.values as Float32Array,
    metadata: metadata as string[],
    documents: documents as string[],
  };
}

async function batchesOf(count: number, size: number): Promise<Cities[]> {
  const lines = await cityLines(count);
  return Array.from({ length: Math.ceil(count / size) }, (_, i) => {
    const some = lines.slice(i * size, (i + 1) * size);
    const cities = noCities(some.length);
    some.forEach((line, row) => {
      const { id, vector, metadata, document } = JSON.parse(line);
      cities.ids[row] = id;
      cities.vectors.set(vector, row * DIMENSION);
      cities.metadata[row] = JSON.stringify(metadata);
      cities.documents[row] = document;
    });
    return cities;
  });
}

async function measure(
  open: OpenTechnique,
  collection: string,
  count: number,
): Promise<{ write: number; read: number }> {
  const batch = DEFAULTS.batchRecords;
  const batches = await batchesOf(count, batch);
  const technique = await open(place, collection);
  try {
    let started = performance.now();
    await technique.write(batches, CONCURRENCY);
    const write = (count * 1000) / (performance.now() - started);
    started = performance.now();
    const found = await technique.read(batch);
    const read = (count * 1000) / (performance.now() - started);
    // Anew, as buffers may have been handed on.
    check(await batchesOf(count, batch), found);
    return { write, read };
  } finally {
    await technique.drop();
    await technique.close();
  }
}

/** Every record came back, whole; some databases normalise, which moves the last bits of a vector. */
function check(written: Cities[], read: Cities[]): void {
  const left = new Map(written.flatMap(cities => cities.ids.map((id, row) => [id, { cities, row }])));
  for (const found of read) {
    for (let at = 0; at < found.count; at++) {
      const id = found.ids[at]!;
      const expected = left.get(id);
      if (expected === undefined) throw new Error(`'${id}' was not written, or came twice`);
      left.delete(id);
      const { cities, row } = expected;
      if (found.documents[at] !== cities.documents[row]) throw new Error(`the document of '${id}' differs`);
      const [there, here] = [sorted(found.metadata[at]!), sorted(cities.metadata[row]!)];
      if (there !== here) throw new Error(`the metadata of '${id}' differs: ${there} instead of ${here}`);
      for (let i = 0; i < DIMENSION; i++) {
        const distance = found.vectors[at * DIMENSION + i]! - cities.vectors[row * DIMENSION + i]!;
        if (!(Math.abs(distance) < 1e-6)) throw new Error(`the vector of '${id}' differs`);
      }
    }
  }
  if (left.size > 0) throw new Error(`${left.size} records did not come back`);
}

function sorted(metadata: string | object): string {
  const object = typeof metadata === 'string' ? JSON.parse(metadata) : metadata;
  return JSON.stringify(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const open: OpenTechnique =
  side === 'connector'
    ? openConnector
    : ((await import(`./techniques/${place.provider}.ts`)) as { open: OpenTechnique }).open;
await measure(open, `${name}warm`, records / 5);
process.stdout.write(JSON.stringify(await measure(open, name, records)));
process.exit();
