import type { Call, UpdateRequest } from '../../core/connector.ts';
import type { Id } from '../../model/id.ts';
import { members } from '../../model/json/members.ts';
import { WANT_ALL } from '../../model/record.ts';
import { fetchRecords } from './fetch.ts';
import type { IndexInfo } from './indexInfo.ts';
import type { Link } from './link.ts';
import { upsert } from './upsert.ts';

const SETTLE_MS = 10_000;
const PIECE = 1000;

/**
 * Changes metadata keys by reading whole records and writing them back, because Pinecone's own update removes no key and
 * knows no sidecar. A write of another program between the two is lost.
 */
export async function update(
  link: Link,
  info: IndexInfo,
  partition: string,
  ids: readonly Id[],
  request: UpdateRequest,
  call: Call,
): Promise<number> {
  await link.freshness.settle(link.data, info, call, { partitions: [partition], waitMs: SETTLE_MS });
  let updated = 0;
  for (let at = 0; at < ids.length; at += PIECE) {
    const { batch } = await fetchRecords(link, info, partition, ids.slice(at, at + PIECE), WANT_ALL, call);
    if (batch.count === 0) continue;
    const metadata = batch.metadata.map(text => apply(text ?? '{}', request));
    await upsert(link, info, { ...batch, metadata }, true, call);
    updated += batch.count;
  }
  return updated;
}

function apply(text: string, { set, unset }: UpdateRequest): string {
  const kept = members(text)
    .filter(({ key }) => !Object.hasOwn(set, key) && !unset.includes(key))
    .map(({ key, start, end }) => `${JSON.stringify(key)}:${text.slice(start, end)}`);
  const added = Object.entries(set).map(([key, value]) => `${JSON.stringify(key)}:${value}`);
  return `{${[...kept, ...added].join(',')}}`;
}
