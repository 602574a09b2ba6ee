import type { Field } from 'apache-arrow';
import { members } from '../../model/json/members.ts';

/**
 * Text column with what columns cannot tell, null for most records:
 * `{"m":{…},"f":["k"],"u":"…"}` — m: metadata members without a column of their own; f: keys whose whole number in a
 * Float64 column is a float, not an integer; u: the uri.
 */
export const SIDECAR = '_vdb_x';

/** Metadata key of the column itself, where its note is kept. */
export const NOTE = 'vdb';
const MOST_KEYS = 1000;

/** What is known of all sidecars of a table. */
export interface SidecarNote {
  /** Top-level keys that have, or once had, a value other than null in a sidecar. */
  keys: Set<string>;
  /** There are more such keys without a column than are listed. */
  more: boolean;
  /** The table was made by another program: its columns keep their types. */
  adopted: boolean;
  /** Float64 columns that were there before the sidecar: all their numbers are floats. */
  floats: Set<string>;
}

export function readSidecarNote(field: Field): SidecarNote {
  const { keys, more, adopted, floats } = JSON.parse(field.metadata.get(NOTE) ?? '{}') as {
    keys?: string[];
    more?: true;
    adopted?: true;
    floats?: string[];
  };
  return { keys: new Set(keys), more: more ?? false, adopted: adopted ?? false, floats: new Set(floats) };
}

export function writeSidecarNote(note: SidecarNote): string {
  return JSON.stringify({
    ...(note.keys.size > 0 && { keys: [...note.keys] }),
    ...(note.more && { more: true }),
    ...(note.adopted && { adopted: true }),
    ...(note.floats.size > 0 && { floats: [...note.floats] }),
  });
}

/** The note with `keys` added; `columns` are listed at any number, others up to a limit. The same object if nothing changes. */
export function withKeys(
  note: SidecarNote,
  keys: Iterable<string>,
  columns: ReadonlyMap<string, unknown>,
): SidecarNote {
  const fresh = [...keys].filter(key => !note.keys.has(key) && !(note.more && !columns.has(key)));
  if (fresh.length === 0) return note;
  const next = { ...note, keys: new Set(note.keys) };
  for (const key of fresh) {
    if (columns.has(key) || next.keys.size < MOST_KEYS) next.keys.add(key);
    else next.more = true;
  }
  return next;
}

/** Whether a value of `key` may stand in some sidecar. */
export function mayHold(note: SidecarNote | null, key: string, isColumn: boolean): boolean {
  return note !== null && (note.keys.has(key) || (note.more && !isColumn));
}

export interface Sidecar {
  /** JSON text of members, without braces; '' for none. */
  members: string;
  floats: readonly string[];
  uri: string | undefined;
}

const NO_FLOATS: readonly string[] = [];

export function parseSidecar(text: string): Sidecar {
  const sidecar: Sidecar = { members: '', floats: NO_FLOATS, uri: undefined };
  for (const { key, start, end } of members(text)) {
    if (key === 'm') sidecar.members = text.slice(start + 1, end - 1);
    else if (key === 'f') sidecar.floats = JSON.parse(text.slice(start, end)) as string[];
    else if (key === 'u') sidecar.uri = JSON.parse(text.slice(start, end)) as string;
  }
  return sidecar;
}

export function printSidecar({ members: inner, floats, uri }: Sidecar): string | undefined {
  const parts: string[] = [];
  if (inner !== '') parts.push(`"m":{${inner}}`);
  if (floats.length > 0) parts.push(`"f":${JSON.stringify(floats)}`);
  if (uri !== undefined) parts.push(`"u":${JSON.stringify(uri)}`);
  return parts.length === 0 ? undefined : `{${parts.join(',')}}`;
}
