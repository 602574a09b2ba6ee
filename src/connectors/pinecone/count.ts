import type { Call } from '../../core/connector.ts';
import type { Filter } from '../../model/filter/filter.ts';
import { nativeBranches } from './filter/split.ts';
import type { IndexInfo } from './indexInfo.ts';
import type { Link } from './link.ts';
import { matching } from './matching.ts';
import { DEFAULT_NAMESPACE, partitionOf } from './namespaces.ts';
import { scan } from './scan.ts';

const NOTHING = { vectors: false, metadata: false, document: false };
const SETTLE_MS = 10_000;
/** As many matching ids are kept in memory; where more match, every record is read. */
const MOST_MATCHES = 1_000_000;

/**
 * The statistics count what is indexed: exactly that, once our own writes are. What other programs just wrote is not waited
 * for. With a filter the matching records are counted.
 */
export async function count(
  link: Link,
  info: IndexInfo,
  partition: string,
  { filter, exact }: { filter?: Filter; exact: boolean },
  call: Call,
): Promise<{ count: number; exact: boolean }> {
  const visible = await link.freshness.settle(link.data, info, call, { waitMs: exact ? SETTLE_MS : 0 });
  if (filter) return { count: await countMatching(link, info, partition, filter, call), exact: visible };
  const counts = await link.data.stats(info.url, call);
  return { count: total(counts, partition), exact: visible };
}

export function total(counts: Map<string, number>, partition: string): number {
  if (partition !== '') return counts.get(partitionOf(partition)) ?? 0;
  return [...counts.values()].reduce((sum, each) => sum + each, 0);
}

async function countMatching(
  link: Link,
  info: IndexInfo,
  partition: string,
  filter: Filter,
  call: Call,
): Promise<number> {
  const places = await link.places(info, partition, call);
  const branches = await nativeBranches(link, info, places, filter, call);
  let found = 0;
  for (const place of places) {
    const matches = await matching(link, info, place, { filter, branches, most: MOST_MATCHES }, call);
    if (matches) found += matches.size;
    else {
      const request = { filter, want: NOTHING, batchBytes: 4 << 20, batchRecords: 1000 };
      for await (const { batch } of scan(link, info, place || DEFAULT_NAMESPACE, request, call)) found += batch.count;
    }
  }
  return found;
}
