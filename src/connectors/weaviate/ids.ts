import { createHash } from 'node:crypto';
import { VdbError } from '../../model/errors.ts';
import { type Id, idKey, idKind } from '../../model/id.ts';

/*
 * An object's id is a UUID. Any other id is kept as a UUIDv5 derived from it, and itself in the property `_vdb_id` as `s:text`
 * or `i:7`.
 */

const NAMESPACE = Buffer.from('6b823629a1f35d209b77350230f3fa34', 'hex');

export interface ObjectId {
  uuid: string;
  /** What `_vdb_id` must hold; undefined when the id itself is the UUID. */
  mark: string | undefined;
}

export function objectId(id: Id): ObjectId {
  if (idKind(id) === 'uuid') return { uuid: id as string, mark: undefined };
  const mark = idKey(id);
  return { uuid: derived(mark), mark };
}

/** UUIDv5 (RFC 9562) of the mark. */
function derived(mark: string): string {
  const hash = createHash('sha1').update(NAMESPACE).update(mark).digest();
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Only UUIDs of version 5 need to be told from derived ones. */
export function mayBeDerived(uuid: string): boolean {
  return uuid[14] === '5';
}

/** The record's id. A mark counts only on the object that it was made for: properties can be copied to another one. */
export function idOf(uuid: string, mark: string | undefined): Id {
  if (mark === undefined || !mayBeDerived(uuid) || !/^(s:|i:(0|-?[1-9]\d*)$)/.test(mark)) return uuid;
  if (derived(mark) !== uuid) return uuid;
  return mark.startsWith('i:') ? BigInt(mark.slice(2)) : mark.slice(2);
}

export function sameObject(first: Id, second: Id | string): VdbError {
  return new VdbError('invalid', `the ids ${show(first)} and ${show(second)} would be one object`, {
    reason: 'duplicate_id',
    outcome: 'not_applied',
    hint: 'One of them is the UUID that the other is kept as; write the original id.',
  });
}

export function show(id: Id): string {
  return typeof id === 'bigint' ? String(id) : JSON.stringify(id);
}
