import { members } from '../../model/json/members.ts';

/*
 * The property `_vdb_x` is JSON text of one object with what properties cannot hold:
 *   "=key": a metadata value that is only here            "~key": the exact spelling of a value that a property holds in another
 *   "n": keys whose value is null                         "u": the uri
 * What another program writes into a property of that name since then goes before what is here.
 */

export interface Sidecar {
  /** JSON texts by key. */
  only: Map<string, string>;
  spelled: Map<string, string>;
  nulls: string[];
  uri: string | undefined;
}

/** Undefined when there is nothing to say. */
export function printSidecar({ only, spelled, nulls, uri }: Sidecar): string | undefined {
  const parts: string[] = [];
  for (const [key, text] of only) parts.push(`${JSON.stringify(`=${key}`)}:${text}`);
  for (const [key, text] of spelled) parts.push(`${JSON.stringify(`~${key}`)}:${text}`);
  if (nulls.length > 0) parts.push(`"n":${JSON.stringify(nulls)}`);
  if (uri !== undefined) parts.push(`"u":${JSON.stringify(uri)}`);
  return parts.length === 0 ? undefined : `{${parts.join(',')}}`;
}

export function parseSidecar(text: string): Sidecar {
  const sidecar: Sidecar = { only: new Map(), spelled: new Map(), nulls: [], uri: undefined };
  for (const { key, start, end } of members(text)) {
    const value = text.slice(start, end);
    if (key.startsWith('=')) sidecar.only.set(key.slice(1), value);
    else if (key.startsWith('~')) sidecar.spelled.set(key.slice(1), value);
    else if (key === 'n') sidecar.nulls = JSON.parse(value) as string[];
    else if (key === 'u') sidecar.uri = JSON.parse(value) as string;
  }
  return sidecar;
}

/** Text that is in every sidecar that holds a value, other than null, of the key which no property holds. */
export function sidecarPattern(key: string): string {
  return `${JSON.stringify(`=${key}`)}:`;
}
