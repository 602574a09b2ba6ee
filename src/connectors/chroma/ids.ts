import type { Call } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import type { Id } from '../../model/id.ts';
import type { Collection, Server } from './collection.ts';
import { idsOf } from './query.ts';
import { ID_MARK } from './storedMetadata.ts';

/** SQLite takes at most 32,766 variables in a statement (a 500 beyond, Chroma 1.5.9). */
const IDS_PER_REQUEST = 5_000;

/** Text that an integer id would be stored as. */
const DIGITS = /^(0|-?[1-9]\d{0,19})$/;

/** The id of a record: its text, and what `_vdb_id` says beside it. */
export function idOf(text: string, mark: string | undefined): Id {
  return mark === `i:${text}` ? BigInt(text) : text;
}

/** Of these ids those that the collection holds, each as its kind: `7` is not found by `"7"`. */
export async function findIds(server: Server, collection: Collection, ids: readonly Id[], call: Call): Promise<Id[]> {
  const { present, marked } = await lookUp(server, collection, ids, call);
  return ids.filter(id => present.has(String(id)) && marked.has(String(id)) === (typeof id === 'bigint'));
}

/** The same for a write; throws `duplicate_id` where an integer and text of the same digits would meet. */
export async function findOwnIds(
  server: Server,
  collection: Collection,
  ids: readonly Id[],
  call: Call,
): Promise<Id[]> {
  const texts = new Set(ids.filter(id => typeof id === 'string'));
  const both = ids.find(id => typeof id === 'bigint' && texts.has(String(id)));
  if (both !== undefined) throw sameDigits(collection, String(both));
  const { present, marked } = await lookUp(server, collection, ids, call);
  const found = ids.filter(id => present.has(String(id)));
  const other = found.find(id => marked.has(String(id)) !== (typeof id === 'bigint'));
  if (other !== undefined) throw sameDigits(collection, String(other));
  return found;
}

/** Whether one of these could be taken for an id of the other kind. */
export function hasDigits(ids: readonly Id[]): boolean {
  return ids.some(id => typeof id === 'bigint' || DIGITS.test(id));
}

async function lookUp(server: Server, collection: Collection, ids: readonly Id[], call: Call) {
  const present = new Set<string>();
  const marked = new Set<string>();
  const texts = [...new Set(ids.map(String))];
  for (let i = 0; i < texts.length; i += IDS_PER_REQUEST) {
    const part = texts.slice(i, i + IDS_PER_REQUEST);
    const found = await idsOf(server, collection, { ids: part }, call);
    for (const text of found) present.add(text);
    const digits = found.filter(text => DIGITS.test(text));
    if (digits.length === 0) continue;
    const where = JSON.stringify({ [ID_MARK]: { $in: digits.map(text => `i:${text}`) } });
    for (const text of await idsOf(server, collection, { ids: digits, where }, call)) marked.add(text);
  }
  return { present, marked };
}

function sameDigits({ name }: Collection, digits: string): VdbError {
  return new VdbError('invalid', `'${name}' cannot hold both the integer id ${digits} and the text id "${digits}"`, {
    reason: 'duplicate_id',
    outcome: 'not_applied',
    hint: 'Ids are kept as text here; give one of the two another id.',
  });
}
