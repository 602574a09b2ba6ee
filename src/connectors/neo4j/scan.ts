import type { Call, ScanPage, ScanRequest } from '../../core/connector.ts';
import { selectRows } from '../../model/batch.ts';
import type { RecordBatch } from '../../model/record.ts';
import { cursorAt, type Place, resolveCursor } from './cursor.ts';
import type { Layout } from './layout.ts';
import type { Neo4jLink } from './link.ts';
import { recordReader } from './recordReader.ts';
import { FIRST, type Page, Walk } from './walk.ts';

/** Pages, each a statement of its own, so that nothing stays open between them. */
export async function* scan(
  link: Neo4jLink,
  layout: Layout,
  request: ScanRequest,
  call: Call,
): AsyncGenerator<ScanPage> {
  const reader = recordReader(layout, request.want);
  const walk = new Walk(link, layout, reader, request, call);
  const { after, limit } = request;
  const few = after === undefined ? await walk.few() : null;
  if (few !== null) {
    const { rows, places } = few;
    const end = Math.min(rows.length, limit ?? rows.length);
    for (let from = 0; from < end; from += request.batchRecords) {
      const page = rows.slice(from, Math.min(end, from + request.batchRecords));
      yield* parts(reader.read(page), request, row => cursorAt(places[from + row]!, page[row]!.get(1)));
    }
    return;
  }

  let left = limit ?? Number.POSITIVE_INFINITY;
  let size = Math.min(FIRST, request.batchRecords);
  const ask = (place: Place): Promise<Page> => {
    const page = walk.page(place, Math.min(size, left));
    // The server reads while the caller works; nobody waits for this one when the caller leaves meanwhile.
    page.catch(() => undefined);
    return page;
  };
  let ahead: Promise<Page> | null =
    left > 0 ? ask(after === undefined ? walk.start() : await resolveCursor(link, layout, after, call)) : null;
  while (ahead !== null) {
    const { rows, places, next }: Page = await ahead;
    left -= rows.length;
    ahead = next !== null && left > 0 ? ask(next) : null;
    if (rows.length === 0) continue;
    const batch = reader.read(rows);
    const recordBytes = Math.max(1, batch.bytes / batch.count);
    size = Math.max(1, Math.min(request.batchRecords, Math.floor(request.batchBytes / recordBytes), size * 8));
    yield* parts(batch, request, row => cursorAt(places[row]!, rows[row]!.get(1)));
  }
}

/** A page larger than asked for (records grow along the way) goes out in parts. */
function* parts(batch: RecordBatch, { batchBytes }: ScanRequest, cursor: (row: number) => ScanPage['cursor']) {
  const count = Math.min(batch.count, Math.ceil(batch.bytes / (1.5 * batchBytes)));
  if (count <= 1) {
    yield { batch, cursor: cursor(batch.count - 1) };
    return;
  }
  for (let part = 0; part < count; part++) {
    const from = Math.floor((part * batch.count) / count);
    const to = Math.floor(((part + 1) * batch.count) / count);
    const rows = Array.from({ length: to - from }, (_, i) => from + i);
    yield { batch: selectRows(batch, rows), cursor: cursor(to - 1) };
  }
}
