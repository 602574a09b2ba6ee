import { selectRows } from '../../model/batch.ts';
import { idKey } from '../../model/id.ts';
import type { RecordBatch } from '../../model/record.ts';
import type { Collection } from './store.ts';

/** Whole records take the place of those of the same id. */
export function upsert({ rows }: Collection, batch: RecordBatch): void {
  batch.ids.forEach((id, row) => {
    rows.set(idKey(id), selectRows(batch, [row]));
  });
}
