import { createHash } from 'node:crypto';
import type { Id } from '../../model/id.ts';

/** Namespace of derived ids; it never changes. */
const NAMESPACE = Buffer.from('6b823629a1f35d209b77350230f3fa34', 'hex');
export const ID_CHARS = 512;

/** Ids must be ASCII (the server says "Vector ID must be ASCII"); control characters are not worth the risk in URLs. */
const NATIVE = /^[\x20-\x7e]+$/;
/** Text that an integer id is stored as. */
const DIGITS = /^(0|-?[1-9][0-9]*)$/;
const UUID5 = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The text under which Pinecone keeps an id: itself, the digits of an integer, or a UUIDv5 derived from other text. */
export function storedId(id: Id): string {
  if (typeof id === 'bigint') return String(id);
  return id.length <= ID_CHARS && NATIVE.test(id) ? id : derived(`s:${id}`);
}

/** What `_vdb_id` says of an id that its stored text does not tell. */
export function idMark(id: Id, stored: string): string | undefined {
  if (typeof id === 'bigint') return `i:${id}`;
  return stored === id ? undefined : `s:${id}`;
}

/** The id of a record; a mark that does not belong to the stored text (a record copied under another id) says nothing. */
export function idOf(stored: string, mark: unknown): Id {
  if (typeof mark !== 'string') return stored;
  const rest = mark.slice(2);
  if (mark === `i:${stored}` && DIGITS.test(stored)) return BigInt(stored);
  return mark.startsWith('s:') && rest !== stored && storedId(rest) === stored ? rest : stored;
}

/** Whether the text may be an integer's as well as its own. */
export function isDigits(stored: string): boolean {
  return DIGITS.test(stored);
}

/** Whether only the record itself tells which id the stored text is. */
export function needsMark(stored: string): boolean {
  return DIGITS.test(stored) || UUID5.test(stored);
}

function derived(text: string): string {
  const hash = createHash('sha1').update(NAMESPACE).update(text, 'utf8').digest().subarray(0, 16);
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
