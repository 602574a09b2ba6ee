import { members } from '../../model/json/members.ts';

/**
 * `_vdb_x`, a text with what properties cannot hold, for the records that need it: `{"m":{…},"u":"…","d":"…"}` — m: metadata
 * members, which win over a property of the same key; u: the uri; d: the document, where the class has no place for it.
 */
export interface Sidecar {
  /** JSON text of each value, by key. */
  members: Map<string, string>;
  uri: string | undefined;
  document: string | undefined;
}

export function printSidecar({ members: exact, uri, document }: Sidecar): string | undefined {
  const parts: string[] = [];
  if (exact.size > 0)
    parts.push(`"m":{${[...exact].map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')}}`);
  if (uri !== undefined) parts.push(`"u":${JSON.stringify(uri)}`);
  if (document !== undefined) parts.push(`"d":${JSON.stringify(document)}`);
  return parts.length === 0 ? undefined : `{${parts.join(',')}}`;
}

export function parseSidecar(text: string): Sidecar {
  const sidecar: Sidecar = { members: new Map(), uri: undefined, document: undefined };
  for (const { key, start, end } of members(text)) {
    const value = text.slice(start, end);
    if (key === 'u') sidecar.uri = JSON.parse(value) as string;
    else if (key === 'd') sidecar.document = JSON.parse(value) as string;
    else if (key === 'm')
      for (const each of members(value)) sidecar.members.set(each.key, value.slice(each.start, each.end));
  }
  return sidecar;
}
