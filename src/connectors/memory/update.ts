import type { UpdateRequest } from '../../core/connector.ts';
import { type Id, idKey } from '../../model/id.ts';
import { type Exact, parseExact, printExact } from '../../model/json/exact.ts';
import type { Collection } from './store.ts';

/** How many of the ids exist; those were updated. */
export function update({ rows }: Collection, ids: Id[], request: UpdateRequest): number {
  const found = ids.map(idKey).filter(key => rows.has(key));
  for (const key of found) {
    const row = rows.get(key)!;
    rows.set(key, { ...row, metadata: [updated(row.metadata[0], request)] });
  }
  return found.length;
}

function updated(metadata: string | undefined, { set, unset }: UpdateRequest): string {
  const object = parseExact(metadata ?? '{}') as Map<string, Exact>;
  for (const [key, text] of Object.entries(set)) object.set(key, parseExact(text));
  for (const key of unset) object.delete(key);
  return printExact(object);
}
