import { constants, createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { Id } from '../../model/id.ts';
import type { RecordBatch } from '../../model/record.ts';
import { failpoint } from '../failpoint.ts';
import { fileError } from '../files/fileError.ts';
import { writeAll } from '../files/replaceFile.ts';

/**
 * The ids of all records that a job reads, in a file: one a line, as JSON (integers as their digits); `{"partition":"…"}` before
 * the ids of another partition than '', or than the last one; at the end `{"end":{"count":n,"crc32":"…"}}`, over what is before it and n.
 */
export interface IdSpool {
  path: string;
  /** Ids in it. */
  count: number;
}

/** The last line takes less. */
const END_BYTES = 128;

/** A spool that was written to its end; null when there is none, or a part of one. */
export async function openSpool(path: string): Promise<IdSpool | null> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw fileError(error, 'read', path);
  }
  try {
    const { size } = await file.stat();
    const tail = Buffer.alloc(Math.min(size, END_BYTES));
    await file.read(tail, 0, tail.length, size - tail.length);
    const line = /(?:^|\n)(\{"end":\{"count":(\d+),"crc32":"([0-9a-f]{8})"\}\}\n)$/.exec(tail.toString('latin1'));
    if (!line) return null;
    const [, end, count, sum] = line;
    let crc = 0;
    const before = size - end!.length;
    if (before > 0) {
      for await (const chunk of file.createReadStream({ start: 0, end: before - 1, autoClose: false }))
        crc = crc32(chunk as Buffer, crc);
    }
    return checksum(crc, Number(count)) === sum ? { path, count: Number(count) } : null;
  } catch (error) {
    throw fileError(error, 'read', path);
  } finally {
    await file.close();
  }
}

/** Writes the ids of the batches anew, and the end when all are on disk. */
export async function writeSpool(path: string, batches: AsyncIterable<RecordBatch>): Promise<IdSpool> {
  const file = await open(path, 'w', 0o600).catch(error => {
    throw fileError(error, 'create', path);
  });
  const write = (bytes: Buffer): Promise<void> =>
    writeAll(file, bytes).catch(error => {
      throw fileError(error, 'write', path);
    });
  try {
    let [count, crc, partition] = [0, 0, ''];
    for await (const batch of batches) {
      if (batch.count === 0) continue;
      const lines = batch.ids.map(id => (typeof id === 'bigint' ? `${id}` : JSON.stringify(id)));
      if (batch.partition !== partition) lines.unshift(JSON.stringify({ partition: batch.partition }));
      partition = batch.partition;
      const bytes = Buffer.from(`${lines.join('\n')}\n`);
      await write(bytes);
      crc = crc32(bytes, crc);
      count += batch.count;
    }
    failpoint('spool.half');
    await write(Buffer.from(`${JSON.stringify({ end: { count, crc32: checksum(crc, count) } })}\n`));
    await file.sync().catch(error => {
      throw fileError(error, 'write', path);
    });
    failpoint('spool.done');
    return { path, count };
  } finally {
    await file.close();
  }
}

/** Reads a spool in order. */
export class SpoolReader {
  readonly #lines: AsyncGenerator<string[]>;
  #some: string[] = [];
  #at = 0;
  /** Ids to pass over. */
  #skip: number;
  #partition = '';

  /** @param from so many ids are passed over */
  constructor({ path }: IdSpool, from: number) {
    this.#lines = linesOf(path);
    this.#skip = from;
  }

  /** The next ids, at most n and all of one partition; none at the end. */
  async take(n: number): Promise<{ partition: string; ids: Id[] }> {
    const ids: Id[] = [];
    while (ids.length < n) {
      if (this.#at === this.#some.length && !(await this.#more())) break;
      const line = this.#some[this.#at]!;
      const isId = !line.startsWith('{');
      if (!isId && ids.length > 0) break;
      this.#at++;
      if (!isId) this.#partition = (JSON.parse(line) as { partition?: string }).partition ?? '';
      else if (this.#skip > 0) this.#skip--;
      else ids.push(line.startsWith('"') ? (JSON.parse(line) as string) : BigInt(line));
    }
    return { partition: this.#partition, ids };
  }

  async close(): Promise<void> {
    await this.#lines.return(undefined);
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#lines.next();
    if (done) return false;
    this.#some = value;
    this.#at = 0;
    return true;
  }
}

/** Lines in lots. Not by readline, which ends a line at U+2028 too. */
async function* linesOf(path: string): AsyncGenerator<string[]> {
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) {
      const bytes = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
      const end = bytes.lastIndexOf(0x0a);
      rest = bytes.subarray(end + 1);
      if (end >= 0) yield bytes.toString('utf8', 0, end).split('\n');
    }
  } catch (error) {
    throw fileError(error, 'read', path);
  }
}

function checksum(crc: number, count: number): string {
  return crc32(String(count), crc).toString(16).padStart(8, '0');
}
