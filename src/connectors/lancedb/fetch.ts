import type { Call } from '../../core/connector.ts';
import { joinBatches, selectRows } from '../../model/batch.ts';
import { type Id, idKey } from '../../model/id.ts';
import type { RecordBatch, Want } from '../../model/record.ts';
import { decode, selection } from './decode.ts';
import { IDS_PER_QUERY, idsCondition } from './ids.ts';
import type { Opened } from './openTable.ts';

/** The records found, in the order asked for. */
export async function fetchRecords({ table, layout }: Opened, ids: Id[], want: Want, call: Call): Promise<RecordBatch> {
  const found = [decode(layout, want, [])];
  for (let i = 0; i < ids.length; i += IDS_PER_QUERY) {
    const condition = idsCondition(layout, ids.slice(i, i + IDS_PER_QUERY));
    if (condition === null) continue;
    for await (const batch of table.query().where(condition).select(selection(layout, want))) {
      call.signal.throwIfAborted();
      if (batch.numRows > 0) found.push(decode(layout, want, [{ batch, from: 0, to: batch.numRows }]));
    }
  }
  const joined = joinBatches(found);
  const rows = new Map(joined.ids.map((id, row) => [idKey(id), row]));
  const order = ids.map(id => rows.get(idKey(id))).filter(row => row !== undefined);
  return selectRows(joined, order);
}
