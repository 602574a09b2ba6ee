import { VdbError } from '../../model/errors.ts';
import type { Id } from '../../model/id.ts';
import { type Exact, parseExact, printExact, printFloat } from '../../model/json/exact.ts';
import { type Member, members } from '../../model/json/members.ts';
import { floatText, isKept } from './floatText.ts';

/*
 * Chroma's metadata holds strings, 64-bit integers, floats, booleans, and arrays of one of these that are not empty. What
 * else there is stands in the reserved key `_vdb_x`, a string with the JSON text {"m":{members}}. Beside it stand notes, keys
 * whose value is true, by which `where` finds records whose native values say less than filters need:
 *   _vdb_x*k  the value of k stands in `_vdb_x` only
 *   _vdb_x>k  k is an array of numbers, which the order operators of the server do not look into
 *   _vdb_x~k  the float k is stored as a neighbour, as the server cannot keep it
 * A member beside which something near stands natively (0.0 for -0.0, floats for integers among floats) counts only as long
 * as that still stands there: other programs may write the key anew.
 * `_vdb_id` = "i:7" says that the id, which is text here, is an integer.
 */

export const ID_MARK = '_vdb_id';
const SIDECAR = '_vdb_x';
export const NOTES = { hidden: `${SIDECAR}*`, array: `${SIDECAR}>`, near: `${SIDECAR}~` } as const;

export function isReserved(key: string): boolean {
  return /^_vdb_(id|part|doc|x)$/.test(key) || /^_vdb_x[*>~]/.test(key);
}

const INT64 = 2n ** 63n;

/**
 * The server refuses '' and a first `$` or `#` (400). `chroma:document` with anything but a string is acknowledged and then
 * ends its log thread: every later write to any collection is a 500 until the server is restarted (1.5.9).
 */
export function isNativeKey(key: string): boolean {
  return key !== '' && !key.startsWith('$') && !key.startsWith('#') && !key.startsWith('chroma:');
}

/** What stands natively, the note there is to make, and whether the exact value is needed besides. */
interface Placed {
  native?: string;
  note?: keyof typeof NOTES;
  exact?: true;
}

/** Metadata as the text of what is sent, `null` for nothing. Throws `invalid` (reserved_key). */
export function toStored(metadata: string | undefined, id: Id): string {
  const native: string[] = [];
  const exact: string[] = [];
  for (const member of metadata === undefined ? [] : members(metadata)) {
    const { key } = member;
    if (isReserved(key)) {
      throw new VdbError('invalid', `the metadata key '${key}' is reserved`, {
        reason: 'reserved_key',
        outcome: 'not_applied',
      });
    }
    const text = metadata!.slice(member.start, member.end);
    const name = JSON.stringify(key);
    const placed = place(member, text);
    if (placed.native !== undefined) native.push(`${name}:${placed.native}`);
    if (placed.exact) exact.push(`${name}:${text}`);
    if (placed.note) native.push(`${JSON.stringify(NOTES[placed.note] + key)}:true`);
  }
  if (exact.length > 0) native.push(`"${SIDECAR}":${JSON.stringify(`{"m":{${exact.join(',')}}}`)}`);
  if (typeof id === 'bigint') native.push(`"${ID_MARK}":"i:${id}"`);
  return native.length === 0 ? 'null' : `{${native.join(',')}}`;
}

function place({ key, kind }: Member, text: string): Placed {
  // Null matches no predicate, so nothing needs to find it.
  if (kind === 'null') return { exact: true };
  if (!isNativeKey(key)) return { exact: true, note: 'hidden' };
  switch (kind) {
    case 'boolean':
    case 'string':
      return { native: text };
    case 'integer': {
      const value = BigInt(text);
      return isInt64(value) ? { native: String(value) } : { exact: true, note: 'hidden' };
    }
    case 'float':
      return placeFloat(Number(text));
    case 'array':
      return placeArray(parseExact(text) as Exact[]);
    case 'object':
      return { exact: true, note: 'hidden' };
  }
}

function placeFloat(value: number): Placed {
  if (Object.is(value, -0)) return { native: '0.0', exact: true };
  const native = keptText(value);
  return native === undefined ? { native: printFloat(value), note: 'near', exact: true } : { native };
}

function keptText(value: number): string | undefined {
  return isKept(value) ? floatText(value) : undefined;
}

function placeArray(items: Exact[]): Placed {
  if (items.length === 0) return { exact: true };
  const types = new Set(items.map(item => (item === null ? 'null' : typeof item)));
  const [type] = types;
  if (types.size === 1 && (type === 'string' || type === 'boolean')) return { native: printExact(items) };
  if (type === 'bigint' && types.size === 1 && items.every(item => isInt64(item as bigint))) {
    return { native: `[${items.join(',')}]`, note: 'array' };
  }
  if ([...types].every(each => each === 'number' || each === 'bigint')) {
    const floats = items.map(item => (item === 0 ? '0.0' : isExactDouble(item) ? keptText(Number(item)) : undefined));
    if (!floats.includes(undefined)) {
      const same = items.every(item => typeof item === 'number' && !Object.is(item, -0));
      return { native: `[${floats.join(',')}]`, note: 'array', ...(!same && { exact: true }) };
    }
  }
  return { exact: true, note: 'hidden' };
}

function isExactDouble(value: Exact): boolean {
  return typeof value === 'number' || (typeof value === 'bigint' && BigInt(Number(value)) === value);
}

export function isInt64(value: bigint): boolean {
  return value >= -INT64 && value < INT64;
}

export interface Restored {
  metadata: string | undefined;
  /** What `_vdb_id` says. */
  mark?: string;
}

/** What `toStored` made, as it was; of records that others wrote, what they hold. */
export function fromStored(stored: string): Restored {
  if (!stored.includes('"_vdb_')) return { metadata: stored === '{}' ? undefined : stored };
  const restored: Restored = { metadata: undefined };
  const native = new Map<string, string>();
  let sidecar: string | undefined;
  for (const { key, start, end, kind } of members(stored)) {
    const text = stored.slice(start, end);
    if (key === ID_MARK && kind === 'string') restored.mark = JSON.parse(text);
    else if (key === SIDECAR && kind === 'string') sidecar = JSON.parse(text);
    else if (!isReserved(key)) native.set(key, text);
  }
  for (const [key, text] of sidecar === undefined ? [] : exactMembers(sidecar)) {
    const there = native.get(key);
    if (there === undefined || isNear(there, text)) native.set(key, text);
  }
  if (native.size > 0) {
    restored.metadata = `{${[...native].map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')}}`;
  }
  return restored;
}

function exactMembers(text: string): [string, string][] {
  const whole = members(text).find(({ key, kind }) => key === 'm' && kind === 'object');
  if (whole === undefined) return [];
  const inner = text.slice(whole.start, whole.end);
  return members(inner).map(({ key, start, end }) => [key, inner.slice(start, end)]);
}

/** How far a neighbour that the server stored for a float may be from it: two readings, each of two roundings. */
export function nearness(value: number): number {
  return Math.max(Math.abs(value) * 8 * Number.EPSILON, 8 * Number.MIN_VALUE);
}

/** Whether what stands natively is what `toStored` put beside this exact value. */
function isNear(native: string, exact: string): boolean {
  const [a, b] = [native, exact].map(text => parseExact(text));
  const [x, y] = [a, b].map(value => (Array.isArray(value) ? value : [value]));
  return (
    Array.isArray(a) === Array.isArray(b) &&
    x!.length === y!.length &&
    x!.every((item, i) => typeof item === 'number' && isNumber(y![i]!) && isClose(item, Number(y![i])))
  );
}

function isNumber(value: Exact): boolean {
  return typeof value === 'number' || typeof value === 'bigint';
}

function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) <= nearness(b);
}
