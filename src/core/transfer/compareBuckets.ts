import type { BatchDigests } from '../../model/digest.ts';
import { Fingerprint } from '../../model/fingerprint.ts';
import { type Id, idKey } from '../../model/id.ts';
import type { Want } from '../../model/record.ts';
import type { Call } from '../connector.ts';
import type { Differences } from './differences.ts';
import type { DigestPool } from './digestPool.ts';
import { readDigests } from './readDigests.ts';
import type { Side } from './readMapped.ts';
import { DETAIL_RECORDS } from './transferLimits.ts';

export interface BucketInput {
  source: Side;
  target: Side;
  /** Those that differ. */
  buckets: number[];
  /** Records on the larger side: how many buckets fit into memory at a time. */
  records: number;
  /** What the digests are over. */
  want: Want;
  /** Compare the content digest only. */
  contentOnly: boolean;
}

interface Entry {
  id: Id;
  digest: string;
  seen: boolean;
}

/**
 * Reads both sides again and compares record by record within the given buckets, in as many passes as memory needs. An id that
 * one side holds twice is one record too many there. Returns how many source records of these buckets are equal, and how many there are.
 */
export async function compareBuckets(
  input: BucketInput,
  differences: Differences,
  pool: DigestPool,
  call: Call,
): Promise<{ equal: number; records: number }> {
  const perBucket = Math.max(1, input.records / Fingerprint.BUCKETS);
  const size = Math.max(1, Math.floor(DETAIL_RECORDS / perBucket));
  const result = { equal: 0, records: 0 };
  for (let start = 0; start < input.buckets.length; start += size) {
    await pass(input, new Set(input.buckets.slice(start, start + size)), differences, result, pool, call);
  }
  return result;
}

async function pass(
  { source, target, want, contentOnly }: BucketInput,
  buckets: Set<number>,
  differences: Differences,
  result: { equal: number; records: number },
  pool: DigestPool,
  call: Call,
): Promise<void> {
  const entries = new Map<string, Entry>();
  await readDigests(source, want, pool, call, ({ ids, partition }, digests) => {
    ids.forEach((id, row) => {
      if (!buckets.has(digests.bucket[row]!)) return;
      result.records++;
      const key = `${partition}\u0000${idKey(id)}`;
      if (entries.has(key)) differences.add(id, 'only_in_source', ['id']);
      else entries.set(key, { id, digest: digestText(digests, row, contentOnly), seen: false });
    });
  });
  await readDigests(target, want, pool, call, ({ ids, partition }, digests) => {
    ids.forEach((id, row) => {
      if (!buckets.has(digests.bucket[row]!)) return;
      const entry = entries.get(`${partition}\u0000${idKey(id)}`);
      if (!entry || entry.seen) {
        differences.add(id, 'only_in_target', entry ? ['id'] : []);
        return;
      }
      entry.seen = true;
      if (entry.digest === digestText(digests, row, contentOnly)) result.equal++;
      else differences.add(id, 'different');
    });
  });
  for (const { id, seen } of entries.values()) if (!seen) differences.add(id, 'only_in_source');
}

function digestText({ content, vector }: BatchDigests, row: number, contentOnly: boolean): string {
  const text = Buffer.from(content.buffer, content.byteOffset + row * 16, 16).toString('latin1');
  return contentOnly ? text : text + Buffer.from(vector.buffer, vector.byteOffset + row * 16, 16).toString('latin1');
}
