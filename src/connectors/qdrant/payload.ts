import { VdbError } from '../../model/errors.ts';
import { type Member, members } from '../../model/json/members.ts';
import { readableFloats } from './readableFloats.ts';

/*
 * A payload is the metadata as it is (Qdrant keeps any JSON: null, 1.0, -0.0, NUL, integers of 64 bits), and in it
 * - the document, under the collection's document key (`document`), or under `_vdb_doc` when the metadata has a key of that
 *   name; `_vdb_doc` null says that there is no document and that the document key is metadata;
 * - `_vdb_id`, the original of a derived id; `_vdb_x` {"u":uri}.
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
  if (uri !== undefined) added.push(`"${EXTRAS}":{"u":${JSON.stringify(uri)}}`);
  const text = readableFloats(metadata);
  if (added.length === 0) return text;
  const inner = text.slice(text.indexOf('{') + 1).trimStart();
  return `{${added.join(',')}${inner.startsWith('}') ? '' : ','}${inner}`;
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
  all.forEach((member, index) => {
    const isString = member.kind === 'string';
    const value = () => JSON.parse(text.slice(member.start, member.end));
    let taken = false;
    if (member.key === MARK && isString && isMark(value())) {
      parts.mark = value();
      taken = true;
    } else if (member.key === DOCUMENT && (isString || member.kind === 'null')) {
      parts.document = value() ?? undefined;
      taken = true;
    } else if (member.key === documentKey && isString && !moved) {
      parts.document = value();
      taken = true;
    } else if (member.key === EXTRAS && member.kind === 'object') {
      const { u } = value() as { u?: unknown };
      if (typeof u === 'string') {
        parts.uri = u;
        taken = true;
      }
    }
    if (taken) kept ??= all.slice(0, index);
    else kept?.push(member);
  });
  parts.metadata =
    kept === undefined
      ? text.slice(start, end)
      : `{${kept.map(({ from, end: to }) => text.slice(from, to)).join(',')}}`;
  return parts;
}
