/*
 * `_vdb_k`, a text[] of `<code>:<key>`: what of a record a filter on the property of that key would not see. So any filter can
 * be told to be exact or not by asking whether such entries exist, and `exists` is exact always.
 *   e  the value is not null, and IsNull of the property does not show it
 *   s, n, b, d  the value is or holds a string, number, boolean or `$date` that is not in the property's index
 *   o  the value is or holds an object
 *   w  text with white space around it, which the index lacks (tokenization `field` trims)
 *   x  the value is in a blob property, which an answer of all properties leaves out: a reader that does not know it learns of it
 * Keys are percent-encoded, for the index would trim them too.
 */

import type { Exact } from '../../model/json/exact.ts';

export type Code = 'e' | 's' | 'n' | 'b' | 'd' | 'o' | 'w' | 'x';

export function hiddenEntry(code: Code, key: string): string {
  return `${code}:${encodeURIComponent(key)}`;
}

/** The key of an entry for a value in a blob property; undefined for any other entry. */
export function blobKey(entry: string): string | undefined {
  return entry.startsWith('x:') ? decodeURIComponent(entry.slice(2)) : undefined;
}

/** Codes of a value that has no place in the property. */
export function codesOf(value: Exact): Set<Code> {
  const codes = new Set<Code>();
  if (value === null) return codes;
  codes.add('e');
  for (const item of Array.isArray(value) ? value : [value]) {
    if (typeof item === 'string') codes.add('s');
    else if (typeof item === 'number' || typeof item === 'bigint') codes.add('n');
    else if (typeof item === 'boolean') codes.add('b');
    else if (item instanceof Map) codes.add(item.size === 1 && item.has('$date') ? 'd' : 'o');
  }
  return codes;
}

/** White space as Go's unicode.IsSpace has it. */
const AROUND =
  /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]|[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/;

export function isTrimmed(text: string): boolean {
  return AROUND.test(text);
}
