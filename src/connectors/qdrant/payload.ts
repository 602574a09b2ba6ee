import { VdbError } from '../../model/errors.ts';
import { type Exact, parseExact } from '../../model/json/exact.ts';
import { type Member, members } from '../../model/json/members.ts';
import { readableFloats } from './readableFloats.ts';

/*
 * A payload is the metadata as it is (Qdrant keeps any JSON: null, 1.0, -0.0, NUL, integers of 64 bits), and in it
 * - the document, under the collection's document key (`document`), or under `_vdb_doc` when the metadata has a key of that
 *   name; `_vdb_doc` null says that there is no document and that the document key is metadata;
 * - `_vdb_id`, the original of a derived id;
 * - `_vdb_x` {"u":uri, "m":{key:text}}: m the JSON text of members with floats that the server reads one step off.
 */

export const MARK = '_vdb_id';
export const DOCUMENT = '_vdb_doc';
export const EXTRAS = '_vdb_x';
export const RESERVED = [MARK, '_vdb_part', DOCUMENT, EXTRAS];

/** Metadata without any of these has no key that is looked for here, however it is spelled. */
const ESCAPE = '\\';

export interface Parts {
  metadata: string | undefined;
  mark: string | undefined;
  document: string | undefined;
  uri: string | undefined;
}

/** The text of a payload. Throws `invalid` (reserved_key). */
export function toPayload({ metadata = '{}', mark, document, uri }: Parts, documentKey: string): string {
  const collision = memberOf(metadata, documentKey);
  const added: string[] = [];
  if (mark !== undefined) added.push(`"${MARK}":${JSON.stringify(mark)}`);
  if (document !== undefined) {
    added.push(`${collision ? `"${DOCUMENT}"` : JSON.stringify(documentKey)}:${JSON.stringify(document)}`);
  } else if (collision?.kind === 'string') added.push(`"${DOCUMENT}":null`);
  const { text, exact } = readableFloats(metadata);
  const extras: string[] = [];
  if (uri !== undefined) extras.push(`"u":${JSON.stringify(uri)}`);
  if (!exact) extras.push(`"m":${misreadMembers(metadata)}`);
  if (extras.length > 0) added.push(`"${EXTRAS}":{${extras.join(',')}}`);
  if (added.length === 0) return text;
  const inner = text.slice(text.indexOf('{') + 1).trimStart();
  return `{${added.join(',')}${inner.startsWith('}') ? '' : ','}${inner}`;
}

function misreadMembers(metadata: string): string {
  const texts = members(metadata).map(({ key, start, end }): [string, string] => [key, metadata.slice(start, end)]);
  return JSON.stringify(Object.fromEntries(texts.filter(([, text]) => !readableFloats(text).exact)));
}

/** The member under the document key, having made sure that no key is reserved. */
function memberOf(metadata: string, documentKey: string): Member | undefined {
  if (![ESCAPE, '_vdb_', documentKey].some(part => metadata.includes(part))) return undefined;
  const all = members(metadata);
  const reserved = all.find(({ key }) => RESERVED.includes(key));
  if (reserved) throw reservedKey(reserved.key);
  return all.find(({ key }) => key === documentKey);
}

export function reservedKey(key: string): VdbError {
  return new VdbError('invalid', `the metadata key '${key}' is reserved`, {
    reason: 'reserved_key',
    outcome: 'not_applied',
  });
}

/** One member of a payload within a longer text; `from` is where its key begins. */
export interface PayloadMember extends Member {
  from: number;
}

/**
 * The parts of a payload that stands in `text` from `start` to `end`. A mark that `isMark` does not own is metadata like any
 * other key.
 */
export function fromPayload(
  text: string,
  [start, end]: readonly [number, number],
  all: PayloadMember[],
  documentKey: string,
  isMark: (mark: string) => boolean,
): Parts {
  const parts: Parts = { metadata: undefined, mark: undefined, document: undefined, uri: undefined };
  const moved = all.some(({ key }) => key === DOCUMENT);
  let kept: PayloadMember[] | undefined;
  let exact: Record<string, string> = {};
  all.forEach((member, index) => {
    const isString = member.kind === 'string';
    const value = () => JSON.parse(text.slice(member.start, member.end));
    let taken = true;
    if (member.key === MARK && isString && isMark(value())) parts.mark = value();
    else if (member.key === DOCUMENT && (isString || member.kind === 'null')) parts.document = value() ?? undefined;
    else if (member.key === documentKey && isString && !moved) parts.document = value();
    else if (member.key === EXTRAS && member.kind === 'object') {
      const { u, m } = value() as { u?: unknown; m?: unknown };
      if (typeof u === 'string') parts.uri = u;
      if (typeof m === 'object' && m !== null) exact = m as Record<string, string>;
    } else taken = false;
    if (taken) kept ??= all.slice(0, index);
    else kept?.push(member);
  });
  parts.metadata = kept === undefined ? text.slice(start, end) : joined(text, kept, exact);
  return parts;
}

function joined(text: string, kept: PayloadMember[], exact: Record<string, string>): string {
  const members = kept.map(({ key, from, start, end }) => {
    const stored = text.slice(start, end);
    const meant = Object.hasOwn(exact, key) ? exact[key] : undefined;
    return text.slice(from, start) + (typeof meant === 'string' && isNear(stored, meant) ? meant : stored);
  });
  return `{${members.join(',')}}`;
}

/** False when another program has changed the member since. */
function isNear(stored: string, meant: string): boolean {
  return near(parseExact(stored), parseExact(meant));
}

function near(a: Exact, b: Exact): boolean {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) <= Math.abs(b) * 2 ** -50;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => near(item, b[i]!));
  if (!(a instanceof Map && b instanceof Map)) return a === b;
  return a.size === b.size && [...a].every(([key, item]) => b.has(key) && near(item, b.get(key)!));
}
