import type { Connection, Table } from '@lancedb/lancedb';
import type { Call } from '../../core/connector.ts';
import { type Layout, layoutOf } from './layout.ts';
import { withTableLock } from './tableLock.ts';
import { checkTableName } from './tableName.ts';
import { endWidening } from './widen.ts';

export interface Opened {
  table: Table;
  layout: Layout;
}

/** Where a database lives, and the link to it. */
export interface Link {
  path: string;
  connection: Connection;
}

/** The table as it now is. A fresh handle each time (0.2 ms): one that is kept may have been dropped and made again by others. */
export async function openTable(link: Link, name: string, call: Call): Promise<Opened> {
  const opened = await openRaw(link, name);
  if (opened.layout.widening.length === 0) return opened;
  return withTableLock(link.path, name, call, () => openLocked(link, name));
}

/** The same inside the table's lock, where a widening that is under way can only be one whose owner died. */
export async function openLocked(link: Link, name: string): Promise<Opened> {
  const { table, layout } = await openRaw(link, name);
  if (layout.widening.length === 0) return { table, layout };
  const columns = new Set(layout.schema.fields.map(field => field.name));
  await endWidening(table, layout.widening, columns);
  return { table, layout: layoutOf(name, await table.schema()) };
}

/** A version of the table. */
export async function openVersion(link: Link, name: string, version: number): Promise<Opened> {
  const table = await link.connection.openTable(checkTableName(name));
  await table.checkout(version);
  return { table, layout: layoutOf(name, await table.schema()) };
}

async function openRaw(link: Link, name: string): Promise<Opened> {
  const table = await link.connection.openTable(checkTableName(name));
  return { table, layout: layoutOf(name, await table.schema()) };
}
