import type { CollectionInfo } from '../../model/collection.ts';
import { VdbError } from '../../model/errors.ts';
import type { TargetMode } from '../../model/transfer.ts';
import type { Call } from '../connector.ts';
import { endRef, type TransferEnd } from './end.ts';

export interface TargetState {
  /** Null: the collection does not exist. */
  info: CollectionInfo | null;
  /** Records there now; null when the database does not say. */
  count: number | null;
  /** Proven to hold nothing (an absent collection does). */
  empty: boolean;
}

const IDS = { vectors: false, metadata: false, document: false };

export async function targetState(end: TransferEnd, call: Call): Promise<TargetState> {
  let info: CollectionInfo;
  try {
    info = await end.database.describe(end.ref, call);
  } catch (error) {
    if (error instanceof VdbError && error.code === 'not_found') return { info: null, count: null, empty: true };
    throw error;
  }
  const empty = await holdsNothing(end, info, call);
  return { info, count: empty ? 0 : info.count, empty };
}

/** Throws `exists` where the mode forbids to write into what is there. */
export function checkMode(mode: TargetMode, state: TargetState, end: TransferEnd): void {
  if (state.info === null) return;
  if (mode === 'create') {
    throw new VdbError('exists', `${endRef(end)} exists already`, { outcome: 'not_applied' });
  }
  if (mode === 'default' && !state.empty) {
    const count = state.count === null ? '' : `: ${state.count} records`;
    throw new VdbError('exists', `${endRef(end)} is not empty${count}`, {
      reason: 'not_empty',
      outcome: 'not_applied',
      hint: "Choose '--append' to add to it, or '--replace' to drop what it holds.",
    });
  }
}

/** A count may be an estimate; a page never is. */
async function holdsNothing({ database, ref }: TransferEnd, info: CollectionInfo, call: Call): Promise<boolean> {
  if (info.count !== null && info.count > 0) return false;
  if (database.scan) {
    for await (const { batch } of database.scan(
      ref,
      { want: IDS, batchBytes: 1024, batchRecords: 1, limit: 1 },
      call,
    )) {
      if (batch.count > 0) return false;
    }
    return true;
  }
  return info.count === 0 && info.countExact;
}
