import type { Call, Cursor, ScanPage, ScanRequest } from '../../core/connector.ts';
import { selectRows } from '../../model/batch.ts';
import { VdbError } from '../../model/errors.ts';
import { type Id, idKind } from '../../model/id.ts';
import { filterJson } from './filterJson.ts';
import { pointId, successor } from './ids.ts';
import type { Layout } from './layout.ts';
import { PointReader, type Points } from './pointReader.ts';
import { wantJson } from './wantJson.ts';
import { type Client, pathOf } from './wire/client.ts';

/** Points of the first page, whose size is not known yet. */
const FIRST = 256;

/**
 * Pages by scroll, in order of the points' ids; the next one is asked for before the last one is handed out. A cursor is the
 * last point's own id: what is written or deleted meanwhile moves nothing.
 */
export async function* scan(
  client: Client,
  layout: Layout,
  request: ScanRequest,
  call: Call,
): AsyncGenerator<ScanPage> {
  const filter = request.filter ? `"filter":${filterJson(layout, request.filter)},` : '';
  const path = pathOf('collections', layout.name, 'points', 'scroll');
  const stop = new AbortController();
  const ahead: Call = { signal: AbortSignal.any([call.signal, stop.signal]), deadlineMs: call.deadlineMs };
  const reader = new PointReader(layout, request.want);
  const ask = (from: Id | undefined, limit: number): Promise<string> => {
    const offset = from === undefined ? '' : `"offset":${pointId(from).json},`;
    const text = client.send(
      'POST',
      path,
      `{${offset}${filter}"limit":${limit},${wantJson(layout, request.want)}}`,
      ahead,
    );
    // Waited for after the page in hand was taken; until then a failure is nobody's.
    text.catch(() => undefined);
    return text;
  };
  const after = request.after === undefined ? undefined : pointOf(request.after);
  let left = request.limit ?? Number.POSITIVE_INFINITY;
  const begin = after === undefined ? undefined : successor(after);
  if (left < 1 || (after !== undefined && begin === undefined)) return;
  let rows = Math.min(FIRST, request.batchRecords, left);
  let asked: Promise<string> | undefined = ask(begin, rows);
  try {
    while (asked !== undefined) {
      const page = reader.read(await asked);
      asked = undefined;
      const { batch, points, more } = page;
      if (batch.count === 0) return;
      left -= batch.count;
      const next = successor(points.at(-1)!);
      if (more && left > 0 && next !== undefined) {
        const pointBytes = Math.max(1, batch.bytes / batch.count);
        rows = Math.max(1, Math.min(request.batchRecords, left, Math.floor(request.batchBytes / pointBytes), rows * 8));
        asked = ask(next, rows);
      }
      yield* parts(page, request.batchBytes);
    }
  } finally {
    stop.abort();
  }
}

/** A page larger than asked for (the first one, or where points grow along the scroll) goes out in parts. */
function* parts({ batch, points }: Points, batchBytes: number): Generator<ScanPage> {
  const count = Math.min(batch.count, Math.ceil(batch.bytes / (1.5 * batchBytes)));
  if (count <= 1) return yield { batch, cursor: cursorAt(points.at(-1)!) };
  for (let part = 0; part < count; part++) {
    const from = Math.floor((part * batch.count) / count);
    const to = Math.floor(((part + 1) * batch.count) / count);
    const rows = Array.from({ length: to - from }, (_, i) => from + i);
    yield { batch: selectRows(batch, rows), cursor: cursorAt(points[to - 1]!) };
  }
}

function cursorAt(point: Id): Cursor {
  return typeof point === 'bigint' ? { point: point.toString(), kind: 'integer' } : { point, kind: 'uuid' };
}

function pointOf(cursor: Cursor): Id {
  const { point, kind } = (cursor ?? {}) as { point?: unknown; kind?: unknown };
  if (typeof point === 'string' && kind === 'integer' && /^\d{1,20}$/.test(point)) return BigInt(point);
  if (typeof point === 'string' && kind === 'uuid' && idKind(point) === 'uuid') return point;
  throw new VdbError('invalid', 'the cursor is not one of this database', { outcome: 'not_applied' });
}
