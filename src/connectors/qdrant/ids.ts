import { createHash } from 'node:crypto';
import { VdbError } from '../../model/errors.ts';
import { type Id, idKey, idKind } from '../../model/id.ts';

/*
 * A point's id is an integer in 0 … 2^64-1 or a UUID. Any other id is kept as a UUIDv5 derived from it, and itself in `_vdb_id`
 * as `s:text` or `i:-7`.
 */

const NAMESPACE = Buffer.from('6b823629a1f35d209b77350230f3fa34', 'hex');

/** A point's id: its JSON text, and the mark that its payload must carry; undefined when the id is native. */
export interface PointId {
  json: string;
  mark: string | undefined;
}

export function pointId(id: Id): PointId {
  if (typeof id === 'bigint' && id >= 0n) return { json: id.toString(), mark: undefined };
  if (idKind(id) === 'uuid') return { json: `"${id}"`, mark: undefined };
  const mark = idKey(id);
  return { json: `"${derived(mark)}"`, mark };
}

/** UUIDv5 (RFC 9562) of the mark. */
export function derived(mark: string): string {
  const hash = createHash('sha1').update(NAMESPACE).update(mark).digest();
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** A native id that could also be a derived one: only those of version 5 need to be told from derived ones. */
export function mayBeDerived({ json, mark }: PointId): boolean {
  return mark === undefined && json[15] === '5' && json[0] === '"';
}

/** The id that a mark stands for, if it is the mark of this very point: payloads can be copied from one point to another. */
export function markedId(point: Id, mark: string): Id | undefined {
  if (typeof point !== 'string' || point[14] !== '5' || !/^(s:|i:-[1-9]\d*$)/.test(mark)) return undefined;
  if (derived(mark) !== point) return undefined;
  return mark.startsWith('i:') ? BigInt(mark.slice(2)) : mark.slice(2);
}

/** The point with the least id above this one, in scroll order (integers, then UUIDs); undefined above the last. */
export function successor(point: Id): Id | undefined {
  if (typeof point === 'bigint') return point < 2n ** 64n - 1n ? point + 1n : '00000000-0000-0000-0000-000000000000';
  const next = BigInt(`0x${point.replaceAll('-', '')}`) + 1n;
  if (next === 2n ** 128n) return undefined;
  const hex = next.toString(16).padStart(32, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function sameId(first: Id, second: Id): VdbError {
  return new VdbError('invalid', `the ids ${show(first)} and ${show(second)} would be one point`, {
    reason: 'duplicate_id',
    outcome: 'not_applied',
    hint: 'One of them is the UUID that the other is kept as; write the original id.',
  });
}

function show(id: Id): string {
  return typeof id === 'bigint' ? String(id) : JSON.stringify(id.slice(0, 80));
}
