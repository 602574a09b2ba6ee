import { VdbError } from '../../../model/errors.ts';
import type { Id } from '../../../model/id.ts';
import { printFloat } from '../../../model/json/exact.ts';
import { type Member, members } from '../../../model/json/members.ts';
import { idMark, idOf } from '../ids.ts';

/*
 * Pinecone's metadata is flat: strings, binary64 numbers, booleans and lists of strings (API 2026-07). The document is the
 * field `text` (or the one that the profile names). What that cannot hold stands in reserved fields:
 *   _vdb_id   "i:7", or "s:…" for an id whose stored text is derived
 *   _vdb_doc  the document, where the metadata has a key of the document field's name
 *   _vdb_x    {"m":{members, exactly},"u":uri,"d":document with NUL,"t":1}; t: the document field is metadata
 *   _vdb_k    keys of m whose value native filters cannot see, as a list of strings, so that a filter on such a key is
 *             known to be inexact
 * A number in m that equals the native one only tells its type: a whole number up to 2^53 is an integer unless m says that it
 * is a float. Where another program has since changed the native value, that one counts.
 */
export const ID_KEY = '_vdb_id';
export const DOCUMENT_KEY = '_vdb_doc';
export const SIDECAR_KEY = '_vdb_x';
export const UNSEEN_KEY = '_vdb_k';
const RESERVED = new Set([ID_KEY, DOCUMENT_KEY, SIDECAR_KEY, UNSEEN_KEY, '_vdb_part']);

/** "40 KB of metadata per record" (API limits). How the server counts is not documented; keys and values are the least. */
export const METADATA_BYTES = 40_960;

export type Native = string | number | boolean | string[];

export interface Parts {
  id: Id;
  metadata: string | undefined;
  document: string | undefined;
  uri: string | undefined;
}

export function isReserved(key: string): boolean {
  return RESERVED.has(key);
}

/** Whether a key can be a field: not `$…`, which is reserved for operators; NUL is not relied on. */
export function isFieldName(key: string): boolean {
  return !key.startsWith('$') && !key.includes('\0');
}

/** A key as it stands in the list of unseen ones. */
export function unseenKey(key: string): string {
  return key.replaceAll('\0', '\x01');
}

/** The JSON text of the record's metadata as Pinecone takes it, '{}' for none. Throws `invalid` (reserved_key, too_large). */
export function toStored(parts: Parts, stored: string, documentField: string): string {
  const native: string[] = [];
  const exact: string[] = [];
  const unseen: string[] = [];
  const sidecar: string[] = [];
  let taken = false;
  for (const member of parts.metadata === undefined ? [] : members(parts.metadata)) {
    const { key, kind, start, end } = member;
    if (RESERVED.has(key)) throw reservedKey(key, parts.id);
    if (key === documentField) taken = true;
    const text = parts.metadata!.slice(start, end);
    const name = JSON.stringify(key);
    const field = isFieldName(key) ? fieldText(kind, text) : undefined;
    if (field !== undefined) native.push(`${name}:${field}`);
    if (field === undefined || field !== text) exact.push(`${name}:${text}`);
    // Null and absent are one to every filter.
    if (field === undefined && kind !== 'null') unseen.push(unseenKey(key));
    if (key === documentField && field !== undefined && kind === 'string') sidecar.push('"t":1');
  }
  const { document, uri } = parts;
  if (document !== undefined) {
    if (document.includes('\0')) sidecar.push(`"d":${JSON.stringify(document)}`);
    else native.push(`${JSON.stringify(taken ? DOCUMENT_KEY : documentField)}:${JSON.stringify(document)}`);
  }
  if (exact.length > 0) sidecar.push(`"m":{${exact.join(',')}}`);
  if (uri !== undefined) sidecar.push(`"u":${JSON.stringify(uri)}`);
  const mark = idMark(parts.id, stored);
  if (mark !== undefined) native.push(`"${ID_KEY}":${JSON.stringify(mark)}`);
  if (sidecar.length > 0) native.push(`"${SIDECAR_KEY}":${JSON.stringify(`{${sidecar.join(',')}}`)}`);
  if (unseen.length > 0) native.push(`"${UNSEEN_KEY}":${JSON.stringify(unseen)}`);
  const text = `{${native.join(',')}}`;
  if (text.length * 3 > METADATA_BYTES && contentBytes(text) > METADATA_BYTES) {
    throw new VdbError('invalid', `the metadata of record ${shown(parts.id)} is over Pinecone's limit of 40 KB`, {
      reason: 'too_large',
      outcome: 'not_applied',
    });
  }
  return text;
}

/** What stands natively for a value: its own text when that says all, another when only filters are served, or nothing. */
function fieldText(kind: Member['kind'], text: string): string | undefined {
  switch (kind) {
    case 'boolean':
      return text;
    case 'string':
      return text.includes('\\u0000') ? undefined : text;
    case 'integer': {
      if (text.length < 16) return text === '-0' ? '0' : text;
      const value = BigInt(text);
      const number = Number(value);
      if (BigInt(number) !== value) return undefined;
      // Spelled as a float, so that the text is another one and gets noted.
      return Math.abs(number) <= 2 ** 53 ? text : number.toExponential();
    }
    case 'float': {
      const value = Number(text);
      // -0 is 0 to filters; whether the store keeps its sign is not known.
      if (value === 0) return '0';
      // A text that reads back as another number type is not the same text.
      return Number.isInteger(value) && Math.abs(value) <= 2 ** 53 ? String(value) : text;
    }
    case 'array': {
      const list = JSON.parse(text) as unknown[];
      return list.length > 0 && list.every(item => typeof item === 'string' && !item.includes('\0')) ? text : undefined;
    }
    default:
      return undefined;
  }
}

/** What `toStored` made, or another program wrote. */
export function fromStored(stored: string, fields: Map<string, Native>, documentField: string): Parts {
  const id = idOf(stored, fields.get(ID_KEY));
  const sidecar = readSidecar(fields.get(SIDECAR_KEY));
  let document = sidecar.document;
  if (document === undefined) {
    const apart = fields.get(DOCUMENT_KEY);
    if (typeof apart === 'string') document = apart;
  }
  const asDocument = document === undefined && !sidecar.documentFieldIsMetadata;
  const kept: string[] = [];
  for (const [key, value] of fields) {
    if (RESERVED.has(key)) continue;
    if (key === documentField && asDocument && typeof value === 'string') {
      document = value;
      continue;
    }
    const exact = sidecar.exact?.get(key);
    const same = exact !== undefined && typeof value === 'number' && Number(exact) === value;
    kept.push(`${JSON.stringify(key)}:${same ? exact : nativeText(value)}`);
  }
  for (const [key, text] of sidecar.exact ?? []) {
    if (!fields.has(key) || (key === documentField && asDocument && typeof fields.get(key) === 'string')) {
      kept.push(`${JSON.stringify(key)}:${text}`);
    }
  }
  return { id, metadata: kept.length === 0 ? undefined : `{${kept.join(',')}}`, document, uri: sidecar.uri };
}

interface Sidecar {
  exact?: Map<string, string>;
  uri?: string;
  document?: string;
  documentFieldIsMetadata?: boolean;
}

/** Nothing when it is not one of ours. */
function readSidecar(text: Native | undefined): Sidecar {
  if (typeof text !== 'string' || !text.startsWith('{')) return {};
  const sidecar: Sidecar = {};
  try {
    for (const { key, start, end } of members(text)) {
      const value = text.slice(start, end);
      if (key === 'm') {
        sidecar.exact = new Map(members(value).map(each => [each.key, value.slice(each.start, each.end)]));
      } else if (key === 'u') sidecar.uri = JSON.parse(value) as string;
      else if (key === 'd') sidecar.document = JSON.parse(value) as string;
      else if (key === 't') sidecar.documentFieldIsMetadata = true;
    }
  } catch (error) {
    throw new VdbError('invalid', `the field ${SIDECAR_KEY} of a record is damaged`, {
      cause: error instanceof Error ? error.message : String(error),
    });
  }
  return sidecar;
}

/** A number without a note: whole ones up to 2^53 are integers. */
function nativeText(value: Native): string {
  if (typeof value !== 'number') return JSON.stringify(value);
  return Number.isInteger(value) && Math.abs(value) <= 2 ** 53 && !Object.is(value, -0)
    ? String(value)
    : printFloat(value);
}

function contentBytes(text: string): number {
  let bytes = 0;
  for (const [key, value] of Object.entries(JSON.parse(text) as Record<string, Native>)) {
    bytes += Buffer.byteLength(key);
    for (const item of Array.isArray(value) ? value : [value]) {
      bytes += typeof item === 'string' ? Buffer.byteLength(item) : typeof item === 'number' ? 8 : 1;
    }
  }
  return bytes;
}

function reservedKey(key: string, id: Id): VdbError {
  return new VdbError('invalid', `the metadata key '${key}' of record ${shown(id)} is reserved`, {
    reason: 'reserved_key',
    outcome: 'not_applied',
  });
}

export function shown(id: Id): string {
  return typeof id === 'bigint' ? String(id) : JSON.stringify(id.length > 60 ? `${id.slice(0, 60)}…` : id);
}
