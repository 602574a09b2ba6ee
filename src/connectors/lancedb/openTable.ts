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

/**
 * The table at the version of now, for reading: what its schema says stays true whatever is written meanwhile. A fresh handle
 * each time (0.2 ms): one that is kept may have been dropped and made again by others.
 */
export async function openTable(link: Link, name: string, call: Call): Promise<Opened> {
  for (;;) {
    const opened = await openVersion(link, name);
    if (opened.layout.widening.length === 0) return opened;
    // Waits for the writer that is at it, or ends what a dead one left.
    await withTableLock(link.path, name, call, () => openLocked(link, name));
  }
}

/** The table for writing, inside its lock, where a widening that is under way can only be one whose owner died. */
export async function openLocked(link: Link, name: string): Promise<Opened> {
  const table = await openLive(link, name);
  const layout = layoutOf(name, await table.schema());
  if (layout.widening.length === 0) return { table, layout };
  const columns = new Set(layout.schema.fields.map(field => field.name));
  await endWidening(table, layout.widening, columns);
  return { table, layout: layoutOf(name, await table.schema()) };
}

/** One version of the table, by default the last. */
export async function openVersion(link: Link, name: string, version?: number): Promise<Opened> {
  const table = await openLive(link, name);
  await table.checkout(version ?? (await table.version()));
  return { table, layout: layoutOf(name, await table.schema()) };
}

/** The table as it is at each call; tags belong to it, not to a version. */
export async function openLive(link: Link, name: string): Promise<Table> {
  return link.connection.openTable(checkTableName(name));
}
