import type { Call } from '../../core/connector.ts';
import { selectRows } from '../../model/batch.ts';
import { type Id, idKey } from '../../model/id.ts';
import type { RecordBatch } from '../../model/record.ts';
import { objectId } from './ids.ts';
import { isTooLarge, type Reader } from './reader.ts';
import type { SearchResult } from './wire/messages.ts';
import { containsAny } from './wireFilter.ts';

export const IDS_PER_CALL = 500;

/** The records found, in the order asked for. A derived UUID whose mark is another's is not the record asked for. */
export async function fetchRecords(reader: Reader, tenant: string, ids: Id[], call: Call): Promise<RecordBatch> {
  const found: SearchResult[] = [];
  for (let i = 0; i < ids.length; i += IDS_PER_CALL) {
    const uuids = ids.slice(i, i + IDS_PER_CALL).map(id => objectId(id).uuid);
    found.push(...(await byUuid(reader, tenant, uuids, call)));
  }
  const batch = reader.batch(found, tenant);
  const rows = new Map(batch.ids.map((id, row) => [idKey(id), row]));
  return selectRows(
    batch,
    ids.map(id => rows.get(idKey(id))).filter(row => row !== undefined),
  );
}

async function byUuid(reader: Reader, tenant: string, uuids: string[], call: Call): Promise<SearchResult[]> {
  try {
    return await reader.objects({ tenant, limit: uuids.length, filters: containsAny('_id', uuids) }, call);
  } catch (error) {
    if (!isTooLarge(error) || uuids.length === 1) throw error;
    const half = uuids.length >> 1;
    const first = await byUuid(reader, tenant, uuids.slice(0, half), call);
    return [...first, ...(await byUuid(reader, tenant, uuids.slice(half), call))];
  }
}
