import type { Query, Table } from '@lancedb/lancedb';
import type { Data } from 'apache-arrow';
import type { Call, Cursor, ScanPage, ScanRequest } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import type { Want } from '../../model/record.ts';
import { decode, type Slice, selection } from './decode.ts';
import { refuseDuplicates } from './duplicates.ts';
import { filterSql } from './filterSql.ts';
import type { Layout } from './layout.ts';
import { type Link, type Opened, openLive, openTable, openVersion } from './openTable.ts';
import { pinnedVersion, pinVersion } from './pins.ts';
import { stream } from './stream.ts';

/** Lance reads ahead of us without a bound of ours, so an unfiltered scan is cut into queries of about so many bytes. */
const WINDOW_BYTES = 32 << 20;
const LEAST_ROWS = 64;

/** Rows before the next one, on that version of the table (and behind the filter, if there is one). */
interface Position {
  version: number;
  offset: number;
}

/**
 * Records in the order in which a fixed version of the table keeps them. One query streams on from the cursor's offset, which
 * costs 2 ms (paging by the order of ids would sort every page: 208 ms at 250,000 rows).
 */
export async function* scan(link: Link, name: string, request: ScanRequest, call: Call): AsyncGenerator<ScanPage> {
  const { table, layout, start } = await begin(link, name, request, call);
  const where = request.filter && filterSql(layout, request.filter);
  const rowBytes = await bytesPerRow(table, layout, request.want);
  const pageRows = clamp(request.batchBytes / rowBytes, 1, request.batchRecords);
  const windowRows = where
    ? Number.POSITIVE_INFINITY
    : Math.max(pageRows, LEAST_ROWS, Math.ceil(WINDOW_BYTES / rowBytes));
  const end = where ? Number.POSITIVE_INFINITY : await table.countRows();
  const stop = Math.min(end, start.offset + (request.limit ?? Number.POSITIVE_INFINITY));
  let { offset } = start;
  while (offset < stop) {
    const first = offset;
    const rows = Math.min(windowRows, stop - offset);
    const query = table.query().select(selection(layout, request.want)).offset(offset);
    if (where) query.where(where);
    if (Number.isFinite(rows)) query.limit(rows);
    for await (const slices of pages(query, pageRows, request, call)) {
      const batch = decode(layout, request.want, slices);
      offset += batch.count;
      yield { batch, cursor: { version: start.version, offset } };
    }
    if (where) return;
    if (offset === first) throw new VdbError('internal', `table '${name}' gave no rows behind row ${offset} of ${end}`);
  }
}

function positionOf(cursor: Cursor): Position {
  const { version, offset } = (cursor ?? {}) as Partial<Position>;
  if (Number.isSafeInteger(version) && Number.isSafeInteger(offset) && version! > 0 && offset! >= 0)
    return cursor as never;
  throw new VdbError('usage', 'the cursor is not one of a LanceDB table', {
    outcome: 'not_applied',
    hint: 'Give the cursor that an earlier scan of the same table printed.',
  });
}

/** The table at the version to read: the cursor's, the pin's, or the one of now, which the pin then holds. */
async function begin(
  link: Link,
  name: string,
  request: ScanRequest,
  call: Call,
): Promise<Opened & { start: Position }> {
  const { after, pin } = request;
  if (after !== undefined) {
    const start = positionOf(after);
    return { ...(await openCursor(link, name, start.version)), start };
  }
  const pinned = pin === undefined ? undefined : await pinnedVersion(await openLive(link, name), pin);
  const opened = pinned === undefined ? await openTable(link, name, call) : await openVersion(link, name, pinned);
  const version = await opened.table.version();
  if (pin !== undefined && pinned === undefined) {
    await refuseDuplicates(opened.table, opened.layout, call);
    const held = await pinVersion(await openLive(link, name), pin, version);
    if (held !== version) return begin(link, name, request, call);
  }
  return { ...opened, start: { version, offset: 0 } };
}

async function openCursor(link: Link, name: string, version: number): Promise<Opened> {
  try {
    return await openVersion(link, name, version);
  } catch (error) {
    const tables = await link.connection.tableNames();
    if (!tables.includes(name)) throw error;
    throw new VdbError('not_found', `version ${version} of table '${name}', which the cursor stands in, is gone`, {
      outcome: 'not_applied',
      cause: error instanceof Error ? error.message.split('\n')[0]! : String(error),
      hint: 'Start the scan again without a cursor.',
    });
  }
}

/** Lance gives a batch per fragment: small ones are joined, and one that is larger than asked for is cut. */
async function* pages(query: Query, pageRows: number, request: ScanRequest, call: Call): AsyncGenerator<Slice[]> {
  let waiting: Slice[] = [];
  let rows = 0;
  let bytes = 0;
  for await (const batch of stream(query, pageRows)) {
    call.signal.throwIfAborted();
    const size = arrowBytes(batch.data);
    const cuts = Math.min(batch.numRows, Math.ceil(size / request.batchBytes));
    if (waiting.length > 0 && (rows + batch.numRows > request.batchRecords || bytes + size > request.batchBytes)) {
      yield waiting;
      [waiting, rows, bytes] = [[], 0, 0];
    }
    if (cuts === 0) continue;
    for (let cut = 0; cut < cuts - 1; cut++) yield [slice(batch, cut, cuts)];
    const last = slice(batch, cuts - 1, cuts);
    waiting.push(last);
    rows += last.to - last.from;
    bytes += size / cuts;
  }
  if (waiting.length > 0) yield waiting;
}

function slice(batch: Slice['batch'], part: number, parts: number): Slice {
  const at = (index: number): number => Math.floor((batch.numRows * index) / parts);
  return { batch, from: at(part), to: at(part + 1) };
}

function arrowBytes(data: Data): number {
  return data.children.reduce((sum, child) => sum + arrowBytes(child), data.values?.byteLength ?? 0);
}

/** From the table's size on disk, and from what of the vectors is wanted. */
async function bytesPerRow(table: Table, layout: Layout, want: Want): Promise<number> {
  const { totalBytes, numRows } = await table.stats();
  const all = vectorBytes(layout, { ...want, vectors: true });
  const rest = Math.max(64, totalBytes / Math.max(1, numRows) - all);
  return vectorBytes(layout, want) + (want.metadata || want.document ? rest : 64);
}

function vectorBytes(layout: Layout, { vectors }: Want): number {
  let bytes = 0;
  for (const { name, element, dimension } of layout.vectors) {
    const wanted = typeof vectors === 'boolean' ? vectors : vectors.includes(name);
    if (wanted) bytes += dimension * (element === 'f16' ? 2 : 4);
  }
  return bytes;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, Math.floor(value)));
}
