import { selectRows } from '../../model/batch.ts';
import { digestBatch } from '../../model/digest.ts';
import { VdbError } from '../../model/errors.ts';
import { idKey } from '../../model/id.ts';
import { type RecordBatch, WANT_ALL } from '../../model/record.ts';
import type { Call } from '../connector.ts';
import { endRef, type TransferEnd } from './end.ts';

const IDS = { vectors: false, metadata: false, document: false };

/**
 * How many of the batch's ids the target of an appending job holds from before the job. Without `overwrite` such an id is
 * `exists`. In a resumed job a record with our content is taken to be ours, written by the run before.
 */
export async function preexisting(
  target: TransferEnd,
  batch: RecordBatch,
  mode: { overwrite: boolean; resumed: boolean },
  call: Call,
): Promise<number> {
  const found = await target.database.fetch(
    target.ref,
    batch.ids,
    mode.resumed ? { ...WANT_ALL, vectors: false } : IDS,
    call,
  );
  if (found.count === 0) return 0;
  const ids = mode.resumed ? others(batch, found) : found.ids;
  if (ids.length > 0 && !mode.overwrite) {
    throw new VdbError('exists', `record '${ids[0]}' is in ${endRef(target)} already`, {
      outcome: 'not_applied',
      data: { ids: ids.slice(0, 3).map(String) },
      hint: "Use '--overwrite' to replace records that are there.",
    });
  }
  return ids.length;
}

/** Ids under which the target holds something else than the batch. */
function others(batch: RecordBatch, found: RecordBatch): RecordBatch['ids'] {
  const rows = new Map(batch.ids.map((id, row) => [idKey(id), row]));
  const mine = selectRows(
    batch,
    found.ids.map(id => rows.get(idKey(id))!),
  );
  const ours = digestBatch({ ...mine, vectors: [] }).content;
  const theirs = digestBatch({ ...found, partition: batch.partition, vectors: [] }).content;
  return found.ids.filter(
    (_, i) => Buffer.compare(ours.subarray(i * 16, i * 16 + 16), theirs.subarray(i * 16, i * 16 + 16)) !== 0,
  );
}
