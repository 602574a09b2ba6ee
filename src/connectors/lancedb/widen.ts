import type { Table } from '@lancedb/lancedb';
import { failpoint } from '../../core/failpoint.ts';
import { WIDENING } from './layout.ts';
import { column } from './sql.ts';
import { EXACT } from './storedValue.ts';

/** Whether every integer of the column is exact as a float. */
export async function canWiden(table: Table, key: string): Promise<boolean> {
  return (await table.countRows(`${column(key)} > ${EXACT} OR ${column(key)} < -${EXACT}`)) === 0;
}

/**
 * Makes an Int64 column Float64, under the table's lock. `alterColumns` refuses that cast (0.37.1), so a copy takes the
 * column's place in three commits; `endWidening` completes what was cut off between them.
 */
export async function widen(table: Table, key: string): Promise<void> {
  await table.addColumns([{ name: WIDENING + key, valueSql: `cast(${column(key)} as double)` }]);
  failpoint('lancedb.widen.added');
  await table.dropColumns([key]);
  failpoint('lancedb.widen.dropped');
  await table.alterColumns([{ path: WIDENING + key, rename: key }]);
}

/** Under the table's lock. The original still there: the copy may be out of date, so it goes; else it takes its place. */
export async function endWidening(table: Table, keys: readonly string[], columns: ReadonlySet<string>): Promise<void> {
  for (const key of keys) {
    if (columns.has(key)) await table.dropColumns([WIDENING + key]);
    else await table.alterColumns([{ path: WIDENING + key, rename: key }]);
  }
}
