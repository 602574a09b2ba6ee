import type { Call } from '../../core/connector.ts';
import type { Filter } from '../../model/filter/filter.ts';
import type { Id } from '../../model/id.ts';
import { fetchRecords } from './fetch.ts';
import { nativeBranches } from './filter/split.ts';
import { isDigits, storedId } from './ids.ts';
import type { IndexInfo } from './indexInfo.ts';
import type { Link } from './link.ts';
import { matching } from './matching.ts';
import { DEFAULT_NAMESPACE } from './namespaces.ts';
import { scan } from './scan.ts';

const NOTHING = { vectors: false, metadata: false, document: false };
const SETTLE_MS = 10_000;
/** As many ids are collected before they are deleted. */
const MOST_MATCHES = 100_000;

/**
 * Deletes by id, and says how many there were, which takes looking first: Pinecone does not tell. Of an id whose digits may be
 * the other kind's, only the record that is that id; any other id also where reads do not show its record yet.
 */
export async function removeIds(
  link: Link,
  info: IndexInfo,
  partition: string,
  ids: readonly Id[],
  call: Call,
): Promise<number> {
  await link.freshness.settle(link.data, info, call, { partitions: [partition], waitMs: SETTLE_MS });
  const there = await fetchRecords(link, info, partition, ids, NOTHING, call);
  const sure = ids.map(storedId).filter(stored => !isDigits(stored));
  await link.data.deleteIds(info.url, partition, [...new Set([...sure, ...there.stored])], call);
  return there.batch.count;
}

/**
 * Deletes what matches, by id: deleting by filter says neither how many there were nor, for some operators, is it documented
 * what exactly it takes.
 */
export async function removeWhere(
  link: Link,
  info: IndexInfo,
  partition: string,
  filter: Filter,
  call: Call,
): Promise<number> {
  await link.freshness.settle(link.data, info, call, { waitMs: SETTLE_MS });
  const places = await link.places(info, partition, call);
  const branches = await nativeBranches(link, info, places, filter, call);
  let removed = 0;
  for (const place of places) {
    const found = await matching(link, info, place, { filter, branches, most: MOST_MATCHES }, call);
    const stored = found ? [...found] : await allMatching(link, info, place, filter, call);
    await link.data.deleteIds(info.url, place, stored, call);
    removed += stored.length;
  }
  return removed;
}

/** Empties partitions; returns how many records there were. */
export async function clear(link: Link, info: IndexInfo, partition: string, call: Call): Promise<number> {
  await link.freshness.settle(link.data, info, call, { waitMs: SETTLE_MS });
  const counts = await link.data.stats(info.url, call);
  let removed = 0;
  for (const place of await link.places(info, partition, call)) {
    await link.data.deleteAll(info.url, place, call);
    removed += counts.get(place) ?? 0;
  }
  return removed;
}

/** Where Pinecone has nothing to look for, or too much of it: every record is read, before the first is deleted. */
async function allMatching(link: Link, info: IndexInfo, place: string, filter: Filter, call: Call): Promise<string[]> {
  const stored: string[] = [];
  const request = { filter, want: NOTHING, batchBytes: 4 << 20, batchRecords: 1000 };
  for await (const { batch } of scan(link, info, place || DEFAULT_NAMESPACE, request, call)) {
    stored.push(...batch.ids.map(storedId));
  }
  return stored;
}
