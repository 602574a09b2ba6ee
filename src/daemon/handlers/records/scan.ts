import { recordLine } from '../../../model/recordLine.ts';
import type { Handler } from '../../handler.ts';
import { withCollection } from '../lease.ts';
import { split } from './filter.ts';
import { matching } from './matching.ts';
import { readCursor, type ScanPosition, writeCursor } from './scanCursor.ts';
import { wantOf } from './want.ts';

export const scan: Handler<'record.scan'> = ({ target, where, limit, cursor, with: parts }, request, services) =>
  withCollection(target, request, services, {}, async (lease, ref) => {
    const filter = await split(lease, ref, where, request);
    const want = wantOf(parts);
    const start: ScanPosition = cursor === undefined ? { skip: 0 } : readCursor(cursor, ref, where);
    if (limit === 0) return { count: 0, cursor: writeCursor(ref, where, start) };
    let { after, skip } = start;
    let count = 0;
    // Only without a residual part are the engine's records the caller's.
    const most = limit === undefined || filter.residual ? undefined : limit + skip;
    for await (const page of matching(lease, { ref, filter, want, after, limit: most }, request, services)) {
      const rows = skip > 0 ? page.rows.filter(row => row >= skip) : page.rows;
      const taken = limit === undefined ? rows : rows.slice(0, limit - count);
      await request.items(taken.map(row => recordLine(page.batch, row, want)));
      count += taken.length;
      if (limit !== undefined && count >= limit) {
        const last = taken.at(-1)! + 1;
        const position: ScanPosition =
          last === page.batch.count ? { after: page.cursor, skip: 0 } : { after, skip: last };
        return { count, cursor: writeCursor(ref, where, position) };
      }
      after = page.cursor;
      skip = Math.max(0, skip - page.batch.count);
    }
    return { count, cursor: null };
  });
