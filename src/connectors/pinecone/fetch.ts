import type { Call } from '../../core/connector.ts';
import { selectRows } from '../../model/batch.ts';
import { type Id, idKey } from '../../model/id.ts';
import type { RecordBatch, Want } from '../../model/record.ts';
import { storedId } from './ids.ts';
import type { IndexInfo } from './indexInfo.ts';
import type { Link } from './link.ts';
import { RecordReader } from './records/recordReader.ts';
import type { Parts } from './records/storedMetadata.ts';

/** Records by the text under which they are stored, in that order; those that are gone, or that `accept` refuses, are left out. */
export async function fetchStored(
  link: Link,
  info: IndexInfo,
  partition: string,
  stored: readonly string[],
  want: Want,
  call: Call,
  accept: (parts: Parts) => boolean = () => true,
): Promise<{ batch: RecordBatch; stored: string[] }> {
  const reader = new RecordReader({ info, want, partition, documentField: link.settings.documentField });
  if (stored.length > 0) {
    for (const body of await link.data.fetch(info.url, partition, stored, call)) {
      reader.read(body, (_, parts) => accept(parts));
    }
  }
  const batch = reader.finish();
  const rows = new Map(reader.met.map((met, row) => [met.stored, row]));
  const order = stored.flatMap(id => rows.get(id) ?? []);
  const texts = order.map(row => reader.met[row]!.stored);
  const inOrder = order.length === batch.count && order.every((row, place) => row === place);
  return { batch: inOrder ? batch : selectRows(batch, order), stored: texts };
}

/** Records by id; of the same stored text only the one whose id it is. */
export async function fetchRecords(
  link: Link,
  info: IndexInfo,
  partition: string,
  ids: readonly Id[],
  want: Want,
  call: Call,
  accept: (parts: Parts) => boolean = () => true,
): Promise<{ batch: RecordBatch; stored: string[] }> {
  const keys = new Set(ids.map(idKey));
  const stored = [...new Set(ids.map(storedId))];
  return fetchStored(link, info, partition, stored, want, call, parts => keys.has(idKey(parts.id)) && accept(parts));
}
