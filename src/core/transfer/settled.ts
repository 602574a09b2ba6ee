import type { Call } from '../connector.ts';
import type { TransferEnd } from './end.ts';

/** Before a store that shows writes later is read: what this daemon wrote to it is there. */
export async function settled({ database, ref }: TransferEnd, call: Call): Promise<void> {
  if (!database.capabilities.immediate) await database.settle?.(ref, call);
}
