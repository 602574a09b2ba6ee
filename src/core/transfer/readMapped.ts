import { selectRows } from '../../model/batch.ts';
import { VdbError } from '../../model/errors.ts';
import { matcher } from '../../model/filter/evaluate.ts';
import { parseFilter } from '../../model/filter/parse.ts';
import { idKey } from '../../model/id.ts';
import type { RecordBatch, Want } from '../../model/record.ts';
import type { Call, Cursor, JsonValue, ScanRequest, SplitFilter } from '../connector.ts';
import { failpoint } from '../failpoint.ts';
import { splitFilter } from '../splitFilter.ts';
import { endRef, type TransferEnd } from './end.ts';
import { type Mapping, mapBatch, type Unmappable } from './mapping.ts';
import { TUNING } from './transferLimits.ts';

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

/** Scans a side page by page: native filter, residual filter, mapping. Throws `unsupported` when the database cannot scan. */
export async function* readMapped(side: Side, options: ReadOptions, call: Call): AsyncGenerator<MappedPage> {
  const { end, mapping, skip } = side;
  const { native, residual } = await split(side, call);
  const keep = residual && matcher(residual);
  const request = scanRequest(side, options, native, residual !== null);
  let previous: string | undefined;
  for await (const page of scanner(end)(end.ref, request, call)) {
    failpoint('batch.read');
    if (call.signal.aborted) throw call.signal.reason;
    const place = JSON.stringify(page.cursor);
    if (place === previous && page.batch.count > 0) throw standsStill(end);
    previous = place;
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

async function split({ end, where }: Side, call: Call): Promise<SplitFilter> {
  if (!where) return { native: null, residual: null };
  return splitFilter(end.database, end.ref, parseFilter(where), call);
}

function scanner(end: TransferEnd): NonNullable<TransferEnd['database']['scan']> {
  if (end.database.scan) return end.database.scan.bind(end.database);
  throw new VdbError('unsupported', `${end.provider} cannot list all records of ${endRef(end)}`);
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

function standsStill(end: TransferEnd): VdbError {
  return new VdbError('protocol', `${endRef(end)} gives the same page again and again`, {
    reason: 'bad_answer',
    outcome: 'not_applied',
  });
}
