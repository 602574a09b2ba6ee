import type { Lease } from '../../../core/connections/lease.ts';
import type { CollectionRef, ScanPage, SplitFilter } from '../../../core/connector.ts';
import { VdbError } from '../../../model/errors.ts';
import { matcher } from '../../../model/filter/evaluate.ts';
import type { RecordBatch, Want } from '../../../model/record.ts';
import type { MethodName } from '../../../protocol/methods/methods.ts';
import type { Request } from '../../handler.ts';
import type { Services } from '../../services.ts';

export interface MatchingPage {
  batch: RecordBatch;
  /** Rows that match, in order. */
  rows: number[];
  cursor: ScanPage['cursor'];
}

export interface Matching {
  ref: CollectionRef;
  filter: SplitFilter;
  want: Want;
  after?: ScanPage['cursor'];
  /** Stop after so many records of the native part. */
  limit?: number;
}

/** Every record that a filter matches, page by page, its residual part evaluated here. Throws `unsupported` without a scan. */
export async function* matching(
  lease: Lease,
  { ref, filter, want, after, limit }: Matching,
  request: Request<MethodName>,
  { settings }: Services,
): AsyncIterable<MatchingPage> {
  const { database, profile, endpoint } = lease;
  if (!database.scan) {
    throw new VdbError('unsupported', `${profile.provider} at ${endpoint} cannot be scanned`, {
      outcome: 'not_applied',
    });
  }
  const { batchBytes, batchRecords } = await settings.values();
  const { native, residual } = filter;
  const matches = residual && matcher(residual);
  const pages = database.scan(
    ref,
    {
      want: matches ? { ...want, metadata: true } : want,
      batchBytes,
      batchRecords,
      ...(native && { filter: native }),
      ...(after !== undefined && { after }),
      ...(limit !== undefined && { limit }),
    },
    request.call,
  );
  let seen = 0;
  for await (const { batch, cursor } of pages) {
    const rows: number[] = [];
    for (let row = 0; row < batch.count; row++) {
      if (!matches || matches(batch.ids[row]!, batch.metadata[row])) rows.push(row);
    }
    yield { batch, rows, cursor };
    seen += batch.count;
    // Keeps a stream alive in which nothing matches for long.
    request.progress({ done: seen });
  }
}
