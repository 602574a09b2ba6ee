const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');

const [SPACE, QUOTE, BACKSLASH] = [0x20, 0x22, 0x5c];

/** Rows of `COPY … (FORMAT binary)`: where each field begins in `bytes`, and how long it is (-1: NULL). */
export interface CopyRows {
  bytes: Buffer;
  count: number;
  fields: number;
  starts: Uint32Array;
  lengths: Int32Array;
}

/** Finds the fields in what COPY wrote; nothing is copied. Layout: PostgreSQL 18 documentation, COPY, "Binary Format". */
export function readCopy(data: Uint8Array, fields: number): CopyRows {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) throw new Error('COPY did not begin with its signature');
  let at = 19 + bytes.readInt32BE(15);
  let capacity = 1024;
  let starts = new Uint32Array(capacity * fields);
  let lengths = new Int32Array(capacity * fields);
  let count = 0;
  for (;;) {
    const found = bytes.readInt16BE(at);
    at += 2;
    if (found === -1) break;
    if (found !== fields) throw new Error(`COPY wrote ${found} fields instead of ${fields}`);
    if (count === capacity) {
      capacity *= 2;
      starts = grown(starts, new Uint32Array(capacity * fields));
      lengths = grown(lengths, new Int32Array(capacity * fields));
    }
    for (let field = count * fields; field < (count + 1) * fields; field++) {
      const length = bytes.readInt32BE(at);
      at += 4;
      starts[field] = at;
      lengths[field] = length;
      if (length > 0) at += length;
    }
    count++;
  }
  return { bytes, count, fields, starts, lengths };
}

function grown<A extends Uint32Array | Int32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

/** The text in a field, undefined for NULL. */
export function textAt(rows: CopyRows, row: number, field: number): string | undefined {
  const at = row * rows.fields + field;
  const length = rows.lengths[at]!;
  return length < 0 ? undefined : rows.bytes.toString('utf8', rows.starts[at]!, rows.starts[at]! + length);
}

/** The text of a jsonb field, without the spaces that the server puts between its parts. Changes the bytes in place. */
export function jsonAt(rows: CopyRows, row: number, field: number): string | undefined {
  const at = row * rows.fields + field;
  const length = rows.lengths[at]!;
  if (length < 0) return undefined;
  const { bytes } = rows;
  // One byte of version stands before the text.
  const start = rows.starts[at]! + 1;
  const end = rows.starts[at]! + length;
  let to = start;
  let quoted = false;
  for (let from = start; from < end; from++) {
    const byte = bytes[from]!;
    if (quoted && byte === BACKSLASH) bytes[to++] = bytes[from++]!;
    else if (byte === QUOTE) quoted = !quoted;
    else if (byte === SPACE && !quoted) continue;
    bytes[to++] = bytes[from]!;
  }
  return bytes.toString('utf8', start, to);
}
