import type { Call, Database } from '../connector.ts';
import type { JobStore } from './jobStore.ts';

/** Releases what a database still holds for jobs of this state directory that are gone or done. Returns the pins released. */
export async function releaseOrphanPins(database: Database, store: JobStore, call: Call): Promise<string[]> {
  if (!database.pins || !database.release) return [];
  const orphans = await store.orphans(await database.pins(call));
  for (const pin of orphans) await database.release(pin, call);
  return orphans;
}
