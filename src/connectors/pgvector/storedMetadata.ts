import { VdbError } from '../../model/errors.ts';
import type { Id } from '../../model/id.ts';
import { type Exact, parseExact, printExact } from '../../model/json/exact.ts';
import { members } from '../../model/json/members.ts';

/*
 * jsonb keeps `1.0` apart from `1`, but makes an integer token of `1e21`, 0.0 of -0.0, and refuses NUL (PostgreSQL 15, 18).
 * So floats are written in plain decimal; what else cannot stand in jsonb stands in the reserved key `_vdb_x`, a string with
 * the JSON text {"m":{members},"u":"uri","d":"document"}. Such a member is in jsonb too, as near as that can be (0.0, and
 * U+0001 for NUL), so that the engine's filters see it; on reading `_vdb_x` wins.
 * `_vdb_id` = "i:7" says that the id, which is text here, is an integer.
 */

export const RESERVED = ['_vdb_id', '_vdb_part', '_vdb_doc', '_vdb_x'];

/** Text that may hold what jsonb would change, or a reserved key; false alarms only cost time. */
const UNSURE = /[:[,\s](?:-?\d+(?:\.\d+)?[eE]|-0(?:\.0*)?[\s,\]}]|-?[\d.]{17})|\\u00|_vdb_/;

export interface Extras {
  id: Id | undefined;
  uri: string | undefined;
  /** Only when the document cannot stand in its column. */
  document: string | undefined;
}

/** Metadata as the text of what is stored in jsonb. Throws `invalid` (reserved_key). */
export function toStored(metadata: string | undefined, extras: Extras): string {
  let text = metadata ?? '{}';
  const sidecar: string[] = [];
  if (UNSURE.test(text)) {
    const { stored, exact } = settle(text);
    text = stored;
    if (exact.size > 0) sidecar.push(`"m":${printExact(exact)}`);
  }
  if (extras.uri !== undefined) sidecar.push(`"u":${JSON.stringify(extras.uri)}`);
  if (extras.document !== undefined) sidecar.push(`"d":${JSON.stringify(extras.document)}`);
  const added: string[] = [];
  if (typeof extras.id === 'bigint') added.push(`"_vdb_id":"i:${extras.id}"`);
  if (sidecar.length > 0) added.push(`"_vdb_x":${JSON.stringify(`{${sidecar.join(',')}}`)}`);
  return added.length === 0 ? text : withMembers(text, added);
}

/** An object's text with members put before its own. */
function withMembers(text: string, added: string[]): string {
  const inner = text.slice(text.indexOf('{') + 1).trimStart();
  return `{${added.join(',')}${inner.startsWith('}') ? '' : ','}${inner}`;
}

function settle(text: string): { stored: string; exact: Map<string, Exact> } {
  const all = parseExact(text) as Map<string, Exact>;
  const exact = new Map<string, Exact>();
  const stored = new Map<string, string>();
  const origin = new Map<string, string>();
  for (const [key, value] of all) {
    if (RESERVED.includes(key)) {
      throw new VdbError('invalid', `the metadata key '${key}' is reserved`, {
        reason: 'reserved_key',
        outcome: 'not_applied',
      });
    }
    const near = withoutNul(key);
    const other = origin.get(near);
    // Two keys that are one in jsonb: the first is there, and both stand beside it.
    if (other !== undefined) exact.set(other, all.get(other)!);
    if (near !== key || other !== undefined || isInexact(value)) exact.set(key, value);
    if (other !== undefined) continue;
    origin.set(near, key);
    stored.set(near, plain(value));
  }
  return { stored: objectText(stored), exact };
}

function isInexact(value: Exact): boolean {
  if (typeof value === 'number') return Object.is(value, -0);
  if (typeof value === 'string') return value.includes('\0');
  if (Array.isArray(value)) return value.some(isInexact);
  return value instanceof Map && [...value].some(([key, item]) => key.includes('\0') || isInexact(item));
}

/** A value as text that jsonb keeps. */
function plain(value: Exact): string {
  if (typeof value === 'number') return plainDecimal(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') return JSON.stringify(withoutNul(value));
  if (Array.isArray(value)) return `[${value.map(plain).join(',')}]`;
  if (value instanceof Map) return objectText(new Map([...value].map(([key, item]) => [withoutNul(key), plain(item)])));
  return String(value);
}

function objectText(members: Map<string, string>): string {
  return `{${[...members].map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')}}`;
}

/** NUL as it stands in jsonb. */
export function withoutNul(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\x01') : text;
}

/** A float without exponent and with a point; a whole one in all its digits, so that it compares exactly with integers. */
export function plainDecimal(value: number): string {
  if (Number.isInteger(value)) return `${BigInt(value)}.0`;
  const text = String(value);
  const parts = /^(-?)(\d)(?:\.(\d+))?e-(\d+)$/.exec(text);
  if (parts === null) return text;
  const [, sign, first, rest = '', exponent] = parts;
  return `${sign}0.${'0'.repeat(Number(exponent) - 1)}${first}${rest}`;
}

export interface Restored {
  metadata: string | undefined;
  id?: string;
  uri?: string;
  document?: string;
}

/** Characters of a run of digits and points that only `plainDecimal` writes. */
const LONG = 26;

/** Looks at one character in LONG, which no such run can evade: the regular expression for it took a quarter of a scan. */
function hasLongNumber(text: string): boolean {
  for (let at = LONG - 1; at < text.length; at += LONG) {
    if (!isDigit(text, at)) continue;
    let from = at;
    let to = at;
    while (isDigit(text, from - 1)) from--;
    while (isDigit(text, to + 1)) to++;
    if (to - from + 1 >= LONG) return true;
  }
  return false;
}

/** Or a point. */
function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (code >= 48 && code <= 57) || code === 46;
}

/** What `toStored` made, as it was. */
export function fromStored(stored: string): Restored {
  if (!stored.includes('"_vdb_')) {
    return { metadata: hasLongNumber(stored) ? printExact(parseExact(stored)) : stored };
  }
  const restored: Restored = { metadata: undefined };
  let sidecar: string | undefined;
  let kept: { key: string; text: string }[] = [];
  for (const { key, start, end, kind } of members(stored)) {
    const text = stored.slice(start, end);
    if (key === '_vdb_id' && kind === 'string') restored.id = JSON.parse(text);
    else if (key === '_vdb_x' && kind === 'string') sidecar = JSON.parse(text);
    else kept.push({ key, text: `${JSON.stringify(key)}:${text}` });
  }
  for (const { key, start, end } of sidecar === undefined ? [] : members(sidecar)) {
    const text = sidecar!.slice(start, end);
    if (key === 'u') restored.uri = JSON.parse(text);
    if (key === 'd') restored.document = JSON.parse(text);
    if (key !== 'm') continue;
    const exact = members(text);
    const near = new Set(exact.map(each => withoutNul(each.key)));
    kept = kept.filter(each => !near.has(each.key));
    for (const each of exact) {
      kept.push({ key: each.key, text: `${JSON.stringify(each.key)}:${text.slice(each.start, each.end)}` });
    }
  }
  const text = `{${kept.map(each => each.text).join(',')}}`;
  restored.metadata = hasLongNumber(text) ? printExact(parseExact(text)) : text;
  return restored;
}
