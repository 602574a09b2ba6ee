import type { Call } from '../../core/connector.ts';
import { idKey } from '../../model/id.ts';
import type { RecordBatch } from '../../model/record.ts';
import { fetchStored } from './fetch.ts';
import type { IndexInfo } from './indexInfo.ts';
import { inParallel } from './inParallel.ts';
import type { Link } from './link.ts';
import { encodeBatch, twoIds } from './records/recordWriter.ts';
import { HttpFailure } from './wire/httpFailure.ts';

/** Upserts of one batch under way; a namespace takes 100 a second (docs.pinecone.io, rate limits). */
const LANES = 4;
const NOTHING = { vectors: false, metadata: false, document: false };
const SETTLE_MS = 10_000;

/** Replaces whole records. `known`: which id each stored text stands for has been looked at. */
export async function upsert(
  link: Link,
  info: IndexInfo,
  batch: RecordBatch,
  known: boolean,
  call: Call,
): Promise<void> {
  const { bodies, doubtful } = encodeBatch(batch, info, link.settings.documentField);
  if (!known && doubtful.size > 0) await refuseOthers(link, info, batch.partition, doubtful, call);
  let sent = 0;
  try {
    await inParallel(bodies, LANES, async body => {
      await link.data.upsert(info.url, batch.partition, body, call);
      sent++;
    });
  } catch (error) {
    if (error instanceof HttpFailure && sent > 0) error.partly = true;
    throw error;
  }
}

/** An integer id and a text id of the same digits are one to Pinecone: the one that is there is not replaced by the other. */
async function refuseOthers(
  link: Link,
  info: IndexInfo,
  partition: string,
  doubtful: Map<string, string>,
  call: Call,
): Promise<void> {
  await link.freshness.settle(link.data, info, call, { partitions: [partition], waitMs: SETTLE_MS });
  const { batch, stored } = await fetchStored(link, info, partition, [...doubtful.keys()], NOTHING, call);
  stored.forEach((text, row) => {
    if (idKey(batch.ids[row]!) !== doubtful.get(text)) throw twoIds(text);
  });
}
