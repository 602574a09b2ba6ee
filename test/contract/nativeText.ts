import type { Database } from '../../src/core/connector.ts';
import { newCall } from './directSubject.ts';

/** All rows that a statement in the database's own language brings, one a line. */
export async function nativeText(database: Database, statement: string): Promise<string> {
  const rows: string[] = [];
  for await (const row of database.native!(statement, {}, newCall())) rows.push(row);
  return rows.join('\n');
}
