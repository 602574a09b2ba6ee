import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { type Cities, DIMENSION, inFlight, noCities, type OpenTechnique } from './technique.ts';

/** COPY BINARY into a temporary table, then one INSERT … ON CONFLICT; one COPY BINARY of the whole table out. */
export const open: OpenTechnique = async (place, name) => {
  const columns = '(id text primary key, embedding vector(384), metadata jsonb, document text)';
  const create = `create extension if not exists vector; create table ${name} ${columns}`;
  const begin = `create temp table batch on commit drop as select * from ${name} with no data`;
  const merge = `insert into ${name} select * from batch on conflict (id) do update set embedding = excluded.embedding,
    metadata = excluded.metadata, document = excluded.document`;
  if (place.options.path !== undefined) {
    const db = await PGlite.create({ dataDir: `${place.options.path}-technique`, extensions: { vector } });
    await db.exec(create);
    return {
      async write(batches) {
        for (const cities of batches) {
          const blob = new Blob([encode(cities)]);
          await db.transaction(async tx => {
            await tx.exec(begin);
            await tx.query(`copy batch from '/dev/blob' (format binary)`, [], { blob });
            await tx.exec(merge);
          });
        }
      },
      async read() {
        const { blob } = await db.query(`copy ${name} to '/dev/blob' (format binary)`);
        return [decode(Buffer.from(await blob!.arrayBuffer()))];
      },
      drop: async () => void (await db.exec(`drop table ${name}`)),
      close: () => db.close(),
    };
  }
  const url = new URL(String(place.options.url));
  url.password = place.secrets.password ?? '';
  const pool = new pg.Pool({ connectionString: url.href });
  await pool.query(create);
  return {
    write: (batches, most) =>
      inFlight(batches, most, async cities => {
        const client = await pool.connect();
        await client.query(`begin; ${begin}`);
        const copy = client.query(copyFrom('copy batch from stdin (format binary)'));
        copy.end(encode(cities));
        await finished(copy);
        await client.query(`${merge}; commit`);
        client.release();
      }),
    async read() {
      const client = await pool.connect();
      const copy = client.query(copyTo(`copy ${name} to stdout (format binary)`));
      const chunks: Buffer[] = [];
      copy.on('data', (chunk: Buffer) => chunks.push(chunk));
      await once(copy, 'end');
      client.release();
      return [decode(Buffer.concat(chunks))];
    },
    drop: async () => void (await pool.query(`drop table ${name}`)),
    close: () => pool.end(),
  };
};

const HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const VECTOR_BYTES = 4 + DIMENSION * 4;

function encode(cities: Cities): Buffer<ArrayBuffer> {
  const swapped = Buffer.from(new Uint8Array(cities.vectors.buffer)).swap32();
  let size = HEADER.length + 2;
  for (let row = 0; row < cities.count; row++) {
    // Text takes at most three bytes a character.
    const texts = cities.ids[row]!.length + (cities.metadata[row] as string).length + cities.documents[row]!.length;
    size += 2 + 4 * 4 + 1 + VECTOR_BYTES + 3 * texts;
  }
  const target = Buffer.from(new ArrayBuffer(size));
  let at = HEADER.copy(target);
  const text = (value: string, version = 0): void => {
    const length = target.write(value, at + 4 + version);
    target.writeInt32BE(length + version, at);
    if (version > 0) target[at + 4] = version;
    at += 4 + version + length;
  };
  for (let row = 0; row < cities.count; row++) {
    at = target.writeInt16BE(4, at);
    text(cities.ids[row]!);
    at = target.writeInt32BE(VECTOR_BYTES, at);
    at = target.writeInt16BE(DIMENSION, at);
    at = target.writeInt16BE(0, at);
    at += swapped.copy(target, at, row * DIMENSION * 4, (row + 1) * DIMENSION * 4);
    text(cities.metadata[row] as string, 1);
    text(cities.documents[row]!);
  }
  return target.subarray(0, target.writeInt16BE(-1, at));
}

function decode(bytes: Buffer): Cities {
  const rows: number[] = [];
  for (let at = HEADER.length; bytes.readInt16BE(at) !== -1; ) {
    rows.push(at);
    at += 2;
    for (let field = 0; field < 4; field++) at += 4 + bytes.readInt32BE(at);
  }
  const cities = noCities(rows.length);
  const target = Buffer.from(cities.vectors.buffer);
  rows.forEach((start, row) => {
    let at = start + 2;
    const text = (version: number): string => {
      const length = bytes.readInt32BE(at);
      const value = bytes.toString('utf8', at + 4 + version, at + 4 + length);
      at += 4 + length;
      return value;
    };
    cities.ids[row] = text(0);
    bytes.copy(target, row * DIMENSION * 4, at + 8, at + 4 + VECTOR_BYTES);
    at += 4 + VECTOR_BYTES;
    cities.metadata[row] = text(1);
    cities.documents[row] = text(0);
  });
  target.swap32();
  return cities;
}
