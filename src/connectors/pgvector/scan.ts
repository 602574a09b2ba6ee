import type { Call, ScanPage, ScanRequest } from '../../core/connector.ts';
import { selectRows } from '../../model/batch.ts';
import { cursorAt, resolveCursor } from './cursor.ts';
import { filterSql } from './filterSql.ts';
import { behindSql, idText } from './ids.ts';
import { column, type Layout, tableName } from './layout.ts';
import { recordReader } from './recordReader.ts';
import type { SqlLink } from './sqlLink.ts';

/** Records of the first page, whose size is not known yet. */
const FIRST = 256;

/**
 * Pages in the order of the id's index, each a statement of its own, so that nothing stays open between them. The next one is
 * asked for before the last one is decoded.
 */
export async function* scan(link: SqlLink, layout: Layout, request: ScanRequest, call: Call): AsyncGenerator<ScanPage> {
  const reader = recordReader(layout, request.want);
  const filter = request.filter ? filterSql(layout, request.filter) : 'true';
  const id = column(layout.id.column);
  const ask = (after: string | undefined, limit: number): Promise<Uint8Array> => {
    const where = `${after === undefined ? '' : `${behindSql(layout, after)} and `}${filter}`;
    const sql = `copy (select ${reader.columns} from ${tableName(layout)} t where ${where} order by ${id} limit ${limit})
      to stdout (format binary)`;
    const page = link.copyOut(sql, [], call);
    // Nobody waits for it when the scan ends early.
    page.catch(() => undefined);
    return page;
  };
  const after = request.after === undefined ? undefined : await resolveCursor(link, layout, request.after, call);
  let left = request.limit ?? Number.POSITIVE_INFINITY;
  let rows = Math.min(FIRST, request.batchRecords, left);
  let next: Promise<Uint8Array> | undefined = left > 0 ? ask(after, rows) : undefined;
  while (next !== undefined) {
    const data = await next;
    const { count, lastId } = reader.extent(data);
    if (count === 0) return;
    const more = count === rows && left > count;
    left -= count;
    const recordBytes = Math.max(1, data.length / count);
    rows = Math.min(request.batchRecords, Math.floor(request.batchBytes / recordBytes), rows * 8, left);
    rows = Math.max(1, rows);
    next = more ? ask(lastId, rows) : undefined;
    const { batch } = reader.read(data);
    // A page larger than asked for (records grow along the table) goes out in parts.
    const parts = Math.min(batch.count, Math.ceil(batch.bytes / (1.5 * request.batchBytes)));
    for (let part = 0; parts > 1 && part < parts; part++) {
      const from = Math.floor((part * batch.count) / parts);
      const to = Math.floor(((part + 1) * batch.count) / parts);
      const piece = selectRows(batch, range(from, to));
      yield { batch: piece, cursor: cursorAt(idText(layout, batch.ids[to - 1]!)!) };
    }
    if (parts <= 1) yield { batch, cursor: cursorAt(lastId!) };
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
