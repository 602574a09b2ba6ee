import { selectRows } from '../../model/batch.ts';
import { VdbError } from '../../model/errors.ts';
import type { RecordBatch } from '../../model/record.ts';
import type { Call, ScanPage, ScanRequest } from '../connector.ts';
import { endRef, type TransferEnd } from './end.ts';
import { SeenIds } from './seenIds.ts';

/**
 * The pages of a scan, in which no id comes twice even if the walk is not stable. Throws `unsupported` when the database cannot
 * scan, `protocol` when the scan does not get on.
 */
export async function* scanPages(end: TransferEnd, request: ScanRequest, call: Call): AsyncGenerator<ScanPage> {
  const { database, ref, provider } = end;
  if (!database.scan) throw new VdbError('unsupported', `${provider} cannot list all records of ${endRef(end)}`);
  const seen = database.capabilities.unstableWalk ? new SeenIds() : null;
  let previous: string | undefined;
  for await (const page of database.scan(ref, request, call)) {
    const place = JSON.stringify(page.cursor);
    if (place === previous && page.batch.count > 0) throw standsStill(end);
    previous = place;
    yield seen ? { ...page, batch: withoutSeen(page.batch, seen) } : page;
  }
}

function withoutSeen(batch: RecordBatch, seen: SeenIds): RecordBatch {
  const rows: number[] = [];
  for (let row = 0; row < batch.count; row++) if (seen.add(batch.ids[row]!, batch.partition)) rows.push(row);
  return rows.length === batch.count ? batch : selectRows(batch, rows);
}

function standsStill(end: TransferEnd): VdbError {
  return new VdbError('protocol', `${endRef(end)} gives the same page again and again`, {
    reason: 'bad_answer',
    outcome: 'not_applied',
  });
}
