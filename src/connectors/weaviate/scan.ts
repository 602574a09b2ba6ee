import type { Call, Cursor, JsonValue, ScanPage, ScanRequest } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import type { RecordBatch } from '../../model/record.ts';
import { filteredPages } from './filteredPages.ts';
import { pages } from './pages.ts';
import type { Reader } from './reader.ts';
import { isUuid, readRange } from './uuidSpace.ts';
import type { Filters, SearchResult } from './wire/messages.ts';

interface Place {
  tenant: string;
  uuid: string;
}

/** Every object in the order of tenant and UUID; the cursor is the last one's place, which stays right whatever is written. */
export async function* scan(
  reader: Reader,
  tenants: string[],
  request: ScanRequest,
  filters: Filters | undefined,
  call: Call,
): AsyncGenerator<ScanPage> {
  const range = readRange(request.range);
  const start = request.after === undefined ? undefined : readCursor(request.after);
  let left = request.limit ?? Number.POSITIVE_INFINITY;
  for (const tenant of tenants) {
    if (start && tenant < start.tenant) continue;
    if (left <= 0) return;
    const after = start?.tenant === tenant ? start.uuid : undefined;
    const source = filters
      ? filteredPages(reader, tenant, range, after, filters, call)
      : pages(reader, tenant, range, after, request.batchBytes, left, call);
    for await (const objects of source) {
      for (const part of batches(reader, objects, tenant, request)) {
        const taken = part.slice(0, left);
        left -= taken.length;
        const batch = reader.batch(taken, tenant);
        yield { batch, cursor: cursorAt({ tenant, uuid: taken.at(-1)!.metadata.id }) };
        if (left <= 0) return;
      }
    }
  }
}

/** Cuts objects so that each part stays near the bytes and records asked for. */
function* batches(
  reader: Reader,
  objects: SearchResult[],
  tenant: string,
  { batchBytes, batchRecords }: ScanRequest,
): Generator<SearchResult[]> {
  const sizes = objects.length > 1 ? sizesOf(reader.batch(objects, tenant)) : [0];
  let from = 0;
  let bytes = 0;
  for (let i = 0; i < objects.length; i++) {
    if (i > from && (i - from >= batchRecords || bytes + sizes[i]! > batchBytes)) {
      yield objects.slice(from, i);
      from = i;
      bytes = 0;
    }
    bytes += sizes[i]!;
  }
  if (from < objects.length) yield objects.slice(from);
}

function sizesOf(batch: RecordBatch): number[] {
  const vectors = batch.vectors.reduce((sum, { values }) => sum + values.byteLength, 0) / Math.max(1, batch.count);
  return batch.ids.map(
    (_, row) => 128 + vectors + (batch.metadata[row]?.length ?? 0) + (batch.documents?.[row]?.length ?? 0),
  );
}

function cursorAt({ tenant, uuid }: Place): Cursor {
  return tenant === '' ? { uuid } : { tenant, uuid };
}

function readCursor(cursor: JsonValue): Place {
  const { tenant = '', uuid } = (cursor ?? {}) as { tenant?: unknown; uuid?: unknown };
  if (typeof tenant === 'string' && isUuid(uuid)) return { tenant, uuid };
  throw new VdbError('invalid', 'the cursor is not one of this database', { outcome: 'not_applied' });
}
