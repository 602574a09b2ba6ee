import type { Call } from '../../core/connector.ts';
import { selectRows } from '../../model/batch.ts';
import { type Id, idKey } from '../../model/id.ts';
import type { RecordBatch, Want } from '../../model/record.ts';
import { readAnswer } from './answer.ts';
import { type Collection, operation, type Server } from './collection.ts';
import { bodyOf } from './query.ts';
import { includeFor, noRecords, readRecords } from './recordReader.ts';

/** The records of these ids that there are, in this order. An id of the other kind is another id. */
export async function fetchRecords(
  { link, root }: Server,
  collection: Collection,
  ids: Id[],
  want: Want,
  call: Call,
): Promise<RecordBatch> {
  if (ids.length === 0) return noRecords();
  const query = { ids: [...new Set(ids.map(String))] };
  const path = operation(root, collection, 'get');
  const text = await link.send('POST', path, bodyOf(query, { include: includeFor(want) }), call);
  const batch = readRecords(readAnswer(text), want);
  const rows = new Map(batch.ids.map((id, row) => [idKey(id), row]));
  const order = ids.map(id => rows.get(idKey(id))).filter(row => row !== undefined);
  if (order.length === 0) return noRecords();
  // The server answers in the collection's order, and so are most ids asked for.
  const asItCame = order.length === batch.count && order.every((row, place) => row === place);
  return asItCame ? batch : selectRows(batch, order);
}
