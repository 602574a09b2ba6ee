import { VdbError } from './errors.ts';

/** CONNECTION[/COLLECTION[/PARTITION]] — `.` is the session's active connection. */
export interface Ref {
  connection: string;
  collection?: string;
  partition?: string;
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** Names of profiles, connections, sessions, folders and groups. */
export function isName(text: string): boolean {
  return NAME.test(text);
}

/** Throws `usage` when `text` is not a name; `what` says of what: `profile`, `session`, … */
export function checkName(text: string, what: string): string {
  if (isName(text)) return text;
  throw new VdbError('usage', `'${text}' is not a ${what} name`, {
    hint: 'Names are 1 to 63 of a-z, 0-9, dot, underscore and hyphen, and start with a letter or digit.',
  });
}

/** Parses a REF; its parts are percent-decoded. Throws `usage`. */
export function parseRef(text: string): Ref {
  const parts = text.split('/');
  if (parts.length > 3 || parts.some(part => part === '')) throw badRef(text);
  const [connection, collection, partition] = parts.map(part => decode(part, text));
  const ref: Ref = { connection: connection! };
  if (ref.connection !== '.') checkName(ref.connection, 'connection');
  if (collection !== undefined) ref.collection = collection;
  if (partition !== undefined) ref.partition = partition;
  return ref;
}

/** The REF as text that `parseRef` reads back. */
export function formatRef(ref: Ref): string {
  return [ref.connection, ref.collection, ref.partition]
    .filter(part => part !== undefined && part !== '')
    .map(part => encode(part!))
    .join('/');
}

function decode(part: string, text: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badRef(text);
  }
}

function encode(part: string): string {
  return part.replace(/[%/\u0000-\u001f\u007f]/g, encodeURIComponent);
}

function badRef(text: string): VdbError {
  return new VdbError('usage', `'${text}' is not CONNECTION[/COLLECTION[/PARTITION]]`, {
    hint: "Write '%2F' for a slash inside a part; see 'vdb help refs'.",
  });
}
