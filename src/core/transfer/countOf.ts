import type { Call } from '../connector.ts';
import { pause } from './pause.ts';
import { readMapped, type Side } from './readMapped.ts';

const POLL_MS = 500;

/** Records of a side, exactly: as the database counts them, else by reading ids. */
export async function countOf(side: Side, call: Call): Promise<number> {
  const { end, where, skip } = side;
  if (end.database.count && !where && !skip?.size && side.pin === undefined) {
    const { count, exact } = await end.database.count(end.ref, { exact: true }, call);
    if (exact) return count;
  }
  let count = 0;
  const want = { vectors: false, metadata: false, document: false };
  for await (const { batch } of readMapped(side, { want }, call)) count += batch.count;
  return count;
}

/** Waits until a store shows what was written to it: at least that many records. False when it did not in time. */
export async function awaitCount(side: Side, expected: number, waitMs: number, call: Call): Promise<boolean> {
  const { database, ref } = side.end;
  if (database.capabilities.immediate) return true;
  await database.settle?.(ref, call);
  for (const end = performance.now() + waitMs; ; ) {
    if ((await countOf(side, call)) >= expected) return true;
    if (performance.now() >= end || call.signal.aborted) return false;
    await pause(POLL_MS, call.signal);
  }
}
