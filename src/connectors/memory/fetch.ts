import { type Id, idKey } from '../../model/id.ts';
import type { RecordBatch, Want } from '../../model/record.ts';
import { readRecords } from './recordReader.ts';
import type { Collection } from './store.ts';

/** Ids that do not exist are left out. */
export function fetch({ rows, spec }: Collection, ids: Id[], want: Want): RecordBatch {
  return readRecords(
    ids.flatMap(id => rows.get(idKey(id)) ?? []),
    spec.vectors,
    want,
  );
}
