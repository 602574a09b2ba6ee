import type { Call } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import type { Id } from '../../model/id.ts';
import { readAnswer } from './answer.ts';
import { type Collection, operation, type Server } from './collection.ts';
import { bodyOf, idsOf } from './query.ts';
import { fromStored, ID_MARK } from './storedMetadata.ts';

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
    for (const id of await readIds(server, collection, found, call)) if (typeof id === 'bigint') marked.add(String(id));
  }
  return { present, marked };
}

/** The ids that are stored as these texts: of text that may be an integer's, metadata tells. */
export async function readIds(
  server: Server,
  collection: Collection,
  texts: readonly string[],
  call: Call,
): Promise<Id[]> {
  const digits = texts.filter(text => DIGITS.test(text));
  const integers = new Set<string>();
  for (let i = 0; i < digits.length; i += IDS_PER_REQUEST) {
    const part = digits.slice(i, i + IDS_PER_REQUEST);
    for (const text of await integersAmong(server, collection, part, call)) integers.add(text);
  }
  return texts.map(text => (integers.has(text) ? BigInt(text) : text));
}

async function integersAmong(server: Server, collection: Collection, digits: string[], call: Call): Promise<string[]> {
  // Not asked with the ids as well: the server then looks n² times for n of them (1.5.9: 15 s for 5,000, without 70 ms).
  const where = JSON.stringify({ [ID_MARK]: { $in: digits.map(text => `i:${text}`) } });
  const all = new Set(digits);
  const marked = (await idsOf(server, collection, { where }, call)).filter(text => all.has(text));
  if (marked.length === 0) return [];
  // A record that was copied under another id has the mark of the first.
  const path = operation(server.root, collection, 'get');
  const body = bodyOf({ ids: marked }, { include: ['metadatas'] });
  const { ids, metadatas } = readAnswer(await server.link.send('POST', path, body, call));
  return ids.filter((text, row) => {
    const stored = metadatas[row];
    return stored !== undefined && typeof idOf(text, fromStored(stored).mark) === 'bigint';
  });
}

function sameDigits({ name }: Collection, digits: string): VdbError {
  return new VdbError('invalid', `'${name}' cannot hold both the integer id ${digits} and the text id "${digits}"`, {
    reason: 'duplicate_id',
    outcome: 'not_applied',
    hint: 'Ids are kept as text here; give one of the two another id.',
  });
}
