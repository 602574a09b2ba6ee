import type { Call, Cursor, JsonValue, ScanPage, ScanRequest } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import { filteredPages } from './filteredPages.ts';
import { pages } from './pages.ts';
import type { Reader } from './reader.ts';
import { isUuid, readRange } from './uuidSpace.ts';
import type { Filters, SearchResult } from './wire/messages.ts';
import { wireBytes } from './wireBytes.ts';

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
      for (const part of parts(objects, request)) {
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
function* parts(objects: SearchResult[], { batchBytes, batchRecords }: ScanRequest): Generator<SearchResult[]> {
  let from = 0;
  let bytes = 0;
  for (let i = 0; i < objects.length; i++) {
    const size = wireBytes(objects[i]!);
    if (i > from && (i - from >= batchRecords || bytes + size > batchBytes)) {
      yield objects.slice(from, i);
      from = i;
      bytes = 0;
    }
    bytes += size;
  }
  if (from < objects.length) yield objects.slice(from);
}

function cursorAt({ tenant, uuid }: Place): Cursor {
  return tenant === '' ? { uuid } : { tenant, uuid };
}

function readCursor(cursor: JsonValue): Place {
  const { tenant = '', uuid } = (cursor ?? {}) as { tenant?: unknown; uuid?: unknown };
  if (typeof tenant === 'string' && isUuid(uuid)) return { tenant, uuid };
  throw new VdbError('invalid', 'the cursor is not one of this database', { outcome: 'not_applied' });
}
