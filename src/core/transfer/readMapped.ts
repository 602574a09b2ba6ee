import { selectRows } from '../../model/batch.ts';
import { matcher } from '../../model/filter/evaluate.ts';
import { parseFilter } from '../../model/filter/parse.ts';
import { idKey } from '../../model/id.ts';
import type { RecordBatch, Want } from '../../model/record.ts';
import type { Call, Cursor, JsonValue, ScanRequest, SplitFilter } from '../connector.ts';
import { failpoint } from '../failpoint.ts';
import { splitFilter } from '../splitFilter.ts';
import type { TransferEnd } from './end.ts';
import { fetchPages } from './fetchPages.ts';
import type { IdSpool } from './idSpool.ts';
import { type Mapping, mapBatch, type Unmappable } from './mapping.ts';
import { scanPages } from './scanPages.ts';
import { SPOOL_RECORDS, TUNING } from './transferLimits.ts';

/** One end as it takes part in a transfer or a comparison. */
export interface Side {
  end: TransferEnd;
  /** Text of the filter, none: all records. */
  where?: string | null;
  /** None: records as they are. */
  mapping?: Mapping;
  pin?: string;
  /** Keys of ids that are passed over: dead letters. */
  skip?: ReadonlySet<string>;
  /** Read these by id, instead of a scan. */
  ids?: IdSpool;
}

export interface ReadOptions {
  want: Want;
  after?: Cursor;
  range?: JsonValue;
  batchBytes?: number;
  batchRecords?: number;
  limit?: number;
}

export interface MappedPage {
  /** Mapped, without what the filter or the mapping left out. */
  batch: RecordBatch;
  cursor: Cursor;
  /** Records in the source's page. */
  read: number;
  /** Of them, those that the residual filter or `skip` left out. */
  filtered: number;
  unmappable: (Unmappable & { source: RecordBatch })[];
}

/** Reads a side page by page: native filter, residual filter, mapping. Throws `unsupported` when the database cannot scan. */
export async function* readMapped(side: Side, options: ReadOptions, call: Call): AsyncGenerator<MappedPage> {
  const { end, mapping, skip } = side;
  const { native, residual } = await split(side, call);
  const keep = residual && matcher(residual);
  const request = scanRequest(side, options, native, residual !== null);
  const pages = side.ids ? fetchPages(end, side.ids, request, call) : scanPages(end, request, call);
  for await (const page of pages) {
    failpoint('batch.read');
    if (call.signal.aborted) throw call.signal.reason;
    const source = page.batch;
    const rows: number[] = [];
    for (let row = 0; row < source.count; row++) {
      if (keep && !keep(source.ids[row]!, source.metadata[row])) continue;
      if (skip?.has(idKey(source.ids[row]!))) continue;
      rows.push(row);
    }
    const kept = rows.length === source.count ? source : selectRows(source, rows);
    const { batch, unmappable } = mapping ? mapBatch(mapping, kept) : { batch: kept, unmappable: [] };
    failpoint('batch.mapped');
    yield {
      batch,
      cursor: page.cursor,
      read: source.count,
      filtered: source.count - kept.count,
      unmappable: unmappable.map(fault => ({ ...fault, source: kept })),
    };
  }
}

/** The ids of a side, each once, with what only a residual filter leaves out. */
export async function* walkIds(side: Side, call: Call): AsyncGenerator<RecordBatch> {
  const { native } = await split(side, call);
  const want = { vectors: false, metadata: false, document: false };
  const request = scanRequest(side, { want, batchRecords: SPOOL_RECORDS }, native, false);
  for await (const { batch } of scanPages(side.end, request, call)) yield batch;
}

async function split({ end, where, ids }: Side, call: Call): Promise<SplitFilter> {
  if (!where) return { native: null, residual: null };
  const filter = parseFilter(where);
  // A record may have been written anew since its id was noted, so all of the filter is looked at again.
  if (ids) return { native: null, residual: filter };
  return splitFilter(end.database, end.ref, filter, call);
}

function scanRequest(side: Side, options: ReadOptions, native: SplitFilter['native'], residual: boolean): ScanRequest {
  const { want, after, range, limit, batchBytes = TUNING.batchBytes, batchRecords = TUNING.batchRecords } = options;
  return {
    want: residual ? { ...want, metadata: true } : want,
    batchBytes,
    batchRecords,
    ...(native ? { filter: native } : {}),
    ...(after === undefined || after === null ? {} : { after }),
    ...(range === undefined || range === null ? {} : { range }),
    // A residual filter drops records behind the scan, so the scan cannot know where to stop.
    ...(limit === undefined || residual ? {} : { limit }),
    ...(side.pin === undefined ? {} : { pin: side.pin }),
  };
}
