import type { CollectionRef } from '../../../core/connector.ts';
import { type Outcome, VdbError } from '../../../model/errors.ts';
import type { Id } from '../../../model/id.ts';
import type { MethodName } from '../../../protocol/methods/methods.ts';
import type { Request } from '../../handler.ts';
import { chunks, ID_CHUNK } from './ids.ts';
import { distinct } from './matchingIds.ts';

/**
 * Writes to the records of these ids (by partition, '' for the one of `ref`) part by part; how many `write` reached in all.
 * What stops it says in `data`, under `named`, how many were done before.
 */
export async function byIds(
  ref: CollectionRef,
  groups: Iterable<[string, Id[]]>,
  named: 'deleted' | 'updated',
  { progress }: Request<MethodName>,
  write: (place: CollectionRef, ids: Id[]) => Promise<number>,
): Promise<number> {
  let done = 0;
  for (const [partition, ids] of groups) {
    const place = partition === '' ? ref : { ...ref, partition };
    for (const chunk of chunks(distinct(ids), ID_CHUNK)) {
      try {
        done += await write(place, chunk);
      } catch (error) {
        if (!(error instanceof VdbError)) throw error;
        const outcome: Outcome | undefined = done > 0 ? 'partially_applied' : error.details.outcome;
        throw new VdbError(error.code, error.message, {
          ...error.details,
          ...(outcome && { outcome }),
          data: { ...error.details.data, [named]: done },
        });
      }
      progress({ done });
    }
  }
  return done;
}
