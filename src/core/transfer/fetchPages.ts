import type { RecordBatch } from '../../model/record.ts';
import type { Call, ScanPage, ScanRequest } from '../connector.ts';
import type { TransferEnd } from './end.ts';
import { type IdSpool, SpoolReader } from './idSpool.ts';

/** Records of the first page, whose size is not known yet. */
const FIRST = 256;
/** So many times as large as the last one a page is at most. */
const GROWTH = 8;

/**
 * The records of a spool, in its order, in pages of about the size asked for; the next one is fetched while one is worked on. A
 * cursor is the number of ids passed. Ids that are gone are left out, so that a page may be empty.
 */
export async function* fetchPages(
  { database, ref }: TransferEnd,
  spool: IdSpool,
  { after, want, batchBytes, batchRecords }: ScanRequest,
  call: Call,
): AsyncGenerator<ScanPage> {
  const most = Math.min(batchRecords, database.capabilities.limits.batchRecords ?? batchRecords);
  const ahead = new AbortController();
  const aheadCall = { ...call, signal: AbortSignal.any([call.signal, ahead.signal]) };
  let passed = (after ?? 0) as number;
  const reader = new SpoolReader(spool, passed);
  const read = async (rows: number): Promise<{ asked: number; batch: RecordBatch } | null> => {
    const { partition, ids } = await reader.take(rows);
    if (ids.length === 0) return null;
    const batch = await database.fetch({ collection: ref.collection, partition }, ids, want, aheadCall);
    return { asked: ids.length, batch };
  };
  try {
    let rows = Math.min(FIRST, most);
    let next = read(rows);
    for (;;) {
      const page = await next;
      if (page === null) return;
      const { asked, batch } = page;
      const recordBytes = Math.max(1, batch.bytes / Math.max(1, batch.count));
      rows = Math.max(1, Math.min(most, Math.floor(batchBytes / recordBytes), rows * GROWTH));
      next = read(rows);
      // Nobody waits for it when the reading ends early.
      next.catch(() => undefined);
      passed += asked;
      yield { batch, cursor: passed };
    }
  } finally {
    ahead.abort();
    await reader.close();
  }
}
