import { createHash } from 'node:crypto';
import type { Call, Cursor } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import type { IndexInfo } from './indexInfo.ts';
import type { Link } from './link.ts';

/** Behind the record `last` of a partition, on the page that `token` asks for (the first one without). */
export interface Position {
  partition: string;
  token: string | undefined;
  last: string;
}

/** A cursor is at most 1 KiB; names and ids may have 512 characters each, and JSON may double them. */
const MOST = 1000;
const LONG = 300;
const HEAD = 100;

type Short = string | { head: string; md5: string };

/** A token may die, so the last id goes with it; where both are too long, the id alone. */
export function cursorAt({ partition, token, last }: Position): Cursor {
  const behind = { partition: shorten(partition), last: shorten(last) };
  const whole = { ...behind, ...(token !== undefined && { token }) };
  return JSON.stringify(whole).length <= MOST ? whole : behind;
}

/** The position of a cursor among the partitions. Throws `usage`. */
export async function positionOf(
  link: Link,
  info: IndexInfo,
  places: string[],
  cursor: Cursor,
  call: Call,
): Promise<Position> {
  const { partition, last, token } = (cursor ?? {}) as { partition?: Short; last?: Short; token?: unknown };
  if (!isShort(partition) || !isShort(last) || (token !== undefined && typeof token !== 'string')) {
    throw new VdbError('usage', 'the cursor is not one of a Pinecone index', {
      outcome: 'not_applied',
      hint: 'Give the cursor that an earlier scan of the same index printed.',
    });
  }
  const place =
    typeof partition === 'string' ? partition : (places.find(each => isOf(partition, each)) ?? partition.head);
  return {
    partition: place,
    token,
    last: typeof last === 'string' ? last : await longId(link, info, place, last, call),
  };
}

/** The id itself; when its record is gone, the beginning, so that ids with the same one come once more: rather twice than never. */
async function longId(
  link: Link,
  info: IndexInfo,
  place: string,
  short: { head: string; md5: string },
  call: Call,
): Promise<string> {
  for (let token: string | undefined; ; ) {
    const { items, next } = await link.data.list(info.url, place, token, call, short.head);
    const found = items.find(id => isOf(short, id));
    if (found !== undefined || next === undefined) return found ?? short.head;
    token = next;
  }
}

function shorten(text: string): Short {
  return JSON.stringify(text).length <= LONG ? text : { head: text.slice(0, HEAD), md5: md5(text) };
}

function isOf({ head, md5: sum }: { head: string; md5: string }, text: string): boolean {
  return text.startsWith(head) && md5(text) === sum;
}

function isShort(value: unknown): value is Short {
  if (typeof value === 'string') return true;
  const { head, md5: sum } = (value ?? {}) as { head?: unknown; md5?: unknown };
  return typeof head === 'string' && typeof sum === 'string';
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
