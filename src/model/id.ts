/**
 * A record's id. A bigint is an integer in -2^63 … 2^64-1; a string is text.
 * Text that is a canonical lower-case UUID *is* a UUID everywhere; any other spelling of one is plain text.
 * `7n` and `'7'` are different ids.
 */
export type Id = string | bigint;

export type IdKind = 'string' | 'integer' | 'uuid';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function idKind(id: Id): IdKind {
  if (typeof id === 'bigint') return 'integer';
  return UUID.test(id) ? 'uuid' : 'string';
}

/** A key under which two ids are the same entry of a Map or Set exactly when they are the same id. */
export function idKey(id: Id): string {
  return typeof id === 'bigint' ? `i:${id}` : `s:${id}`;
}
