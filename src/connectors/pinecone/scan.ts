import type { Call, ScanPage, ScanRequest } from '../../core/connector.ts';
import { batchBytes, joinBatches, selectRows } from '../../model/batch.ts';
import { matcher } from '../../model/filter/evaluate.ts';
import type { RecordBatch, Want } from '../../model/record.ts';
import { cursorAt, type Position, positionOf } from './cursor.ts';
import { fetchStored } from './fetch.ts';
import { nativeBranches } from './filter/split.ts';
import { idOf, needsMark } from './ids.ts';
import type { IndexInfo } from './indexInfo.ts';
import type { Link } from './link.ts';
import { matching } from './matching.ts';
import type { Parts } from './records/storedMetadata.ts';
import { PAGE_IDS } from './wire/dataPlane.ts';
import { HttpFailure } from './wire/httpFailure.ts';

/** As many matching ids are kept in memory; where more match, the whole partition is read and checked. */
const MOST_MATCHES = 20_000;

/** Records of one page of ids, in their order. */
interface Page {
  batch: RecordBatch;
  stored: string[];
  /** What asked for the page. */
  token: string | undefined;
}

/**
 * Records in the bitwise order of their stored ids, partition after partition: pages of ids, and the records of each while
 * the one before it is worked on.
 */
export async function* scan(
  link: Link,
  info: IndexInfo,
  partition: string,
  request: ScanRequest,
  call: Call,
): AsyncGenerator<ScanPage> {
  const places = await link.places(info, partition, call);
  const start = request.after === undefined ? undefined : await positionOf(link, info, places, request.after, call);
  let left = request.limit ?? Number.POSITIVE_INFINITY;
  for (const place of places) {
    if (start && place < start.partition) continue;
    const from = start?.partition === place ? start : { partition: place, token: undefined, last: '' };
    for await (const page of cut(ahead(pages(link, info, places, from, request, call)), request)) {
      const batch = page.batch.count <= left ? page.batch : selectRows(page.batch, range(0, left));
      left -= batch.count;
      yield { batch, cursor: cursorAt({ partition: place, token: page.token, last: page.stored[batch.count - 1]! }) };
      if (left === 0) return;
    }
  }
}

async function* pages(
  link: Link,
  info: IndexInfo,
  places: string[],
  from: Position,
  request: ScanRequest,
  call: Call,
): AsyncGenerator<Page> {
  const { filter, want } = request;
  if (!filter) {
    yield* listed(link, info, from, want, undefined, call);
    return;
  }
  const branches = await nativeBranches(link, info, places, filter, call);
  const found = await matching(link, info, from.partition, { filter, branches, most: MOST_MATCHES }, call);
  const matches = matcher(filter);
  const accept = ({ id, metadata }: Parts): boolean => matches(id, metadata);
  if (found === undefined) {
    yield* listed(link, info, from, want, accept, call);
    return;
  }
  const ids = [...found].filter(id => id > from.last).sort((a, b) => (a < b ? -1 : 1));
  for (let at = 0; at < ids.length; at += PAGE_IDS) {
    const some = ids.slice(at, at + PAGE_IDS);
    yield { ...(await fetchStored(link, info, from.partition, some, want, call, accept)), token: undefined };
  }
}

async function* listed(
  link: Link,
  info: IndexInfo,
  from: Position,
  want: Want,
  accept: ((parts: Parts) => boolean) | undefined,
  call: Call,
): AsyncGenerator<Page> {
  let { token, last } = from;
  let restartedAt: string | undefined;
  for (;;) {
    let list: Awaited<ReturnType<Link['data']['list']>>;
    try {
      list = await link.data.list(info.url, from.partition, token, call);
    } catch (error) {
      // How long a token lives is not documented. Ids come in order, so the scan can begin anew, if it got on meanwhile.
      if (!(token !== undefined && isRefused(error) && restartedAt !== last)) throw error;
      restartedAt = last;
      token = undefined;
      continue;
    }
    const ids = list.items.filter(id => id > last);
    if (ids.length > 0) {
      last = ids.at(-1)!;
      const bare = accept === undefined && wantsNothing(want) && !ids.some(needsMark);
      yield bare
        ? { batch: bareBatch(ids, from.partition), stored: ids, token }
        : { ...(await fetchStored(link, info, from.partition, ids, want, call, accept)), token };
    }
    if (list.next === undefined) return;
    token = list.next;
  }
}

/** The next page is asked for before the last one is worked on. */
async function* ahead(source: AsyncGenerator<Page>): AsyncGenerator<Page> {
  try {
    let next = source.next();
    for (;;) {
      const { done, value } = await next;
      if (done) return;
      next = source.next();
      // Who leaves early never asks for it.
      next.catch(() => undefined);
      yield value;
    }
  } finally {
    source.return(undefined).catch(() => undefined);
  }
}

/** Small pages joined, and large ones cut, to the size asked for. */
async function* cut(
  source: AsyncIterable<Page>,
  { batchBytes: mostBytes, batchRecords }: ScanRequest,
): AsyncGenerator<Page> {
  let waiting: Page[] = [];
  let [rows, bytes] = [0, 0];
  for await (const page of source) {
    const { count } = page.batch;
    if (count === 0) continue;
    if (waiting.length > 0 && (rows + count > batchRecords || bytes + page.batch.bytes > mostBytes)) {
      yield join(waiting);
      [waiting, rows, bytes] = [[], 0, 0];
    }
    const parts = Math.min(count, Math.max(Math.ceil(page.batch.bytes / mostBytes), 1));
    const size = Math.min(batchRecords, Math.ceil(count / parts));
    let at = 0;
    for (; count - at > size; at += size) yield piece(page, at, at + size);
    const rest = at === 0 ? page : piece(page, at, count);
    waiting.push(rest);
    rows += rest.batch.count;
    bytes += rest.batch.bytes;
  }
  if (waiting.length > 0) yield join(waiting);
}

function join(pages: Page[]): Page {
  return {
    batch: joinBatches(pages.map(({ batch }) => batch)),
    stored: pages.flatMap(({ stored }) => stored),
    token: pages.at(-1)!.token,
  };
}

function piece({ batch, stored, token }: Page, from: number, to: number): Page {
  return { batch: selectRows(batch, range(from, to)), stored: stored.slice(from, to), token };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

function bareBatch(stored: string[], partition: string): RecordBatch {
  const ids = stored.map(text => idOf(text, undefined));
  const batch = { count: ids.length, partition, ids, vectors: [], metadata: ids.map(() => undefined) };
  return { ...batch, bytes: batchBytes(batch) };
}

function wantsNothing({ vectors, metadata, document }: Want): boolean {
  return !metadata && !document && (vectors === false || (Array.isArray(vectors) && vectors.length === 0));
}

function isRefused(error: unknown): boolean {
  return error instanceof HttpFailure && [400, 404, 410, 422].includes(error.status);
}
