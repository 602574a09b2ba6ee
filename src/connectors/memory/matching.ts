import { matcher } from '../../model/filter/evaluate.ts';
import type { Filter } from '../../model/filter/filter.ts';
import type { RecordBatch } from '../../model/record.ts';

/** Whether a row meets the filter: here the meaning of the language itself is the engine. */
export function matching(filter: Filter | undefined): (row: RecordBatch) => boolean {
  if (!filter) return () => true;
  const matches = matcher(filter);
  return row => matches(row.ids[0]!, row.metadata[0]);
}
