import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connector } from '../../../src/connectors/pgvector/connector.ts';
import type { Call, Database, Options } from '../../../src/core/connector.ts';
import { guard } from '../../../src/core/guard.ts';

export function newCall(signal = new AbortController().signal): Call {
  return { signal, deadlineMs: 60_000 };
}

/** A guarded PGlite in a directory of its own. */
export async function openPglite(
  options: Options = {},
): Promise<{ database: Database; path: string; close(): Promise<void> }> {
  const parent = await mkdtemp(join(tmpdir(), 'vdb-pglite-'));
  const path = join(parent, 'data');
  const database = guard(await connector.connect({ path, ...options }, {}, newCall()), connector);
  return {
    database,
    path,
    async close() {
      await database.close();
      await rm(parent, { recursive: true, force: true });
    },
  };
}

/** Runs SQL and gives its rows. */
export async function sql(database: Database, statement: string): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for await (const row of database.native!(statement, {}, newCall())) rows.push(JSON.parse(row));
  return rows;
}
