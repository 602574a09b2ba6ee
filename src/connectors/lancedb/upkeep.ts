import type { Table } from '@lancedb/lancedb';
import { ID, type Layout } from './layout.ts';

/** Writes between two looks at a table's fragments. */
const LOOK_EVERY = 32;
const MANY_FRAGMENTS = 128;
const TOO_MANY_FRAGMENTS = 1000;
/** From here on a BTREE index on the id halves the time of a merge (51 to 72 ms without at 200,000 rows, 36 ms with). */
const INDEX_FROM_ROWS = 50_000;

/** What one link knows of the tables it writes to, and what it does to keep them fast. */
export class Upkeep {
  readonly #writes = new Map<string, number>();
  /** Rows when the fragments were last joined. */
  readonly #joined = new Map<string, number>();
  readonly #digits = new Map<string, { version: number; digitText: boolean }>();

  /** Whether the table holds text ids of digits; `look` scans for them when others wrote since this link last knew. */
  async holdsDigitText(table: string, version: number, look: () => Promise<boolean>): Promise<boolean> {
    const known = this.#digits.get(table);
    if (known && known.version === version) return known.digitText;
    const digitText = await look();
    this.#digits.set(table, { version, digitText });
    return digitText;
  }

  /** Called inside the table's lock after a write made `version`. */
  wrote(table: string, version: number, digitText: boolean): void {
    this.#writes.set(table, (this.#writes.get(table) ?? 0) + 1);
    const known = this.#digits.get(table);
    if (known) this.#digits.set(table, { version, digitText: known.digitText || digitText });
  }

  /**
   * Joins small fragments (each write leaves one) whenever the table has doubled, so that a table that grows to n rows is
   * rewritten about twice; and indexes the id of a large table of ours that is merged into. `appends`: the writer only adds.
   * What fails here is left for the next time: the write before it stands and must be acknowledged.
   */
  async tidy({ table, layout }: { table: Table; layout: Layout }, appends: boolean): Promise<void> {
    if (this.#writes.get(layout.table)! % LOOK_EVERY !== 1) return;
    try {
      const { numRows, fragmentStats } = await table.stats();
      const { numSmallFragments } = fragmentStats;
      const grown = numRows >= 2 * (this.#joined.get(layout.table) ?? 0);
      if (numSmallFragments >= (grown ? MANY_FRAGMENTS : TOO_MANY_FRAGMENTS)) {
        await compact(table);
        this.#joined.set(layout.table, numRows);
      }
      if (!appends && layout.sidecar?.adopted === false && numRows >= INDEX_FROM_ROWS) await indexIds(table);
    } catch {
      this.#writes.set(layout.table, 0);
    }
  }
}

/**
 * Joins small fragments. Old versions are cleaned up by Lance's own rule (7 days), but not while any tag exists: that clean-up
 * fails with "tagged version(s) have been marked for cleanup".
 */
export async function compact(table: Table): Promise<void> {
  const tags = await (await table.tags()).list();
  await table.optimize(Object.keys(tags).length > 0 ? { cleanupOlderThan: new Date(0) } : {});
}

async function indexIds(table: Table): Promise<void> {
  const indices = await table.listIndices();
  if (indices.some(index => index.columns.length === 1 && index.columns[0] === ID)) return;
  const { Index } = await import('@lancedb/lancedb');
  await table.createIndex(ID, { config: Index.btree() });
}
