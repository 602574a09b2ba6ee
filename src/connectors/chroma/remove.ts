import type { Call } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import type { Filter } from '../../model/filter/filter.ts';
import type { Id } from '../../model/id.ts';
import { type Collection, operation, type Server } from './collection.ts';
import { findIds } from './ids.ts';
import { idsOf, queryOf } from './query.ts';

const IDS_PER_REQUEST = 5_000;

/** Removes the records of these ids; how many there were. The server's own count is that of the ids asked for. */
export async function removeIds(server: Server, collection: Collection, ids: Id[], call: Call): Promise<number> {
  const there = await findIds(server, collection, ids, call);
  await removeTexts(server, collection, there.map(String), call);
  return there.length;
}

/** Removes what the filter matches, all records without one; how many. */
export async function removeMatching(
  server: Server,
  collection: Collection,
  filter: Filter | undefined,
  call: Call,
): Promise<number> {
  const query = await queryOf(server, collection, filter, call);
  if (query === null) return 0;
  let removed = 0;
  let first: string | undefined;
  for (;;) {
    const ids = await idsOf(server, collection, query, call, { limit: IDS_PER_REQUEST });
    if (ids.length === 0) return removed;
    if (ids[0] === first) {
      throw new VdbError('busy', `'${collection.name}' still shows records that were deleted`, {
        reason: 'not_visible_yet',
        outcome: 'partially_applied',
      });
    }
    await removeTexts(server, collection, ids, call);
    first = ids[0];
    removed += ids.length;
  }
}

/** By ids as they are stored. */
export async function removeTexts(
  { link, root }: Server,
  collection: Collection,
  texts: string[],
  call: Call,
): Promise<void> {
  const path = operation(root, collection, 'delete');
  for (let i = 0; i < texts.length; i += IDS_PER_REQUEST) {
    await link.json('POST', path, { ids: texts.slice(i, i + IDS_PER_REQUEST) }, call);
  }
}
