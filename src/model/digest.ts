import { hash } from 'node:crypto';
import { Encoder, TAG } from './encoder.ts';
import { isPresent, type RecordBatch, type VectorColumn } from './record.ts';

/**
 * Digests of a batch, by row: 16 bytes each, and the fingerprint bucket (first 12 bits of SHA-256(enc(id))). data.md §5.
 *
 * A digest is the first 16 bytes of SHA-256 over the enc of one array:
 * - content: [id, partition, metadata, document, uri]
 * - vector: [id, partition, [vector, …]], the vectors that the record has, by the UTF-8 bytes of their names
 *
 * enc() is a tag byte, u32 LE count of content bytes, content. What data.md leaves open:
 * - an id is an integer or a string; the partition a string, `''` for none
 * - no metadata is the empty object; document or uri that is absent is tag 0 without content
 * - a nested object whose only key is `$date` with a string is a date, `$bytes` with canonical base64 is bytes; the
 *   metadata object itself is always an object
 * - a dense vector is [name, "dense", element, dimension, bits]: bits are the components little-endian, u8 one byte each, bit
 *   packed most significant first with zeros behind the last
 * - a sparse vector is [name, "sparse", "f32", absent, bits]: all indices u32 LE, then all values f32 LE, in order of index,
 *   without those whose value is 0 or -0
 * - a multi-vector is [name, "multi", "f32", rows, dimension, bits]; without rows its dimension is 0
 *
 * Pure and CPU-bound; the typed arrays can be transferred between threads. Little-endian machines only, as are all that the
 * native packages exist for.
 */
export interface BatchDigests {
  count: number;
  content: Uint8Array;
  vector: Uint8Array;
  bucket: Uint16Array;
}

export const DIGEST_BYTES = 16;

const encoder = new Encoder();

export function digestBatch(batch: RecordBatch): BatchDigests {
  const { count } = batch;
  const content = Buffer.allocUnsafeSlow(count * DIGEST_BYTES);
  const vector = Buffer.allocUnsafeSlow(count * DIGEST_BYTES);
  const bucket = new Uint16Array(count);
  const columns = batch.vectors
    .map(column => ({ column, head: headOf(column), memory: memoryOf(column) }))
    .sort((a, b) => Buffer.compare(Buffer.from(a.column.name), Buffer.from(b.column.name)));
  for (let row = 0; row < count; row++) {
    const id = batch.ids[row]!;
    encoder.clear().id(id);
    const bits = sha256();
    bucket[row] = (bits.charCodeAt(0) << 4) | (bits.charCodeAt(1) >> 4);

    encoder.clear();
    const record = encoder.start(TAG.array);
    encoder.id(id);
    encoder.text(TAG.string, batch.partition);
    const common = encoder.length;
    encoder.metadata(batch.metadata[row]);
    optional(batch.documents?.[row]);
    optional(batch.uris?.[row]);
    encoder.end(record);
    content.write(sha256(), row * DIGEST_BYTES, DIGEST_BYTES, 'latin1');

    encoder.length = common;
    const list = encoder.start(TAG.array);
    for (const { column, head, memory } of columns) if (isPresent(column, row)) writeVector(column, head, memory, row);
    encoder.end(list);
    encoder.end(record);
    vector.write(sha256(), row * DIGEST_BYTES, DIGEST_BYTES, 'latin1');
  }
  return { count, content: asBytes(content), vector: asBytes(vector), bucket };
}

/** As one character per byte: half the time of a Buffer, whose allocation costs as much as hashing 40 bytes. */
function sha256(): string {
  return hash('sha256', encoder.bytes(), 'binary');
}

function optional(text: string | undefined): void {
  if (text === undefined) encoder.absent();
  else encoder.text(TAG.string, text);
}

function memoryOf({ values }: VectorColumn): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

/** What all vectors of a column begin with: name, kind, element and, of dense ones, dimension. */
function headOf(column: VectorColumn): Buffer {
  encoder.clear();
  encoder.text(TAG.string, column.name);
  encoder.text(TAG.string, column.kind);
  encoder.text(TAG.string, column.kind === 'dense' ? column.element : 'f32');
  if (column.kind === 'dense') encoder.text(TAG.integer, String(column.dimension));
  return Buffer.from(encoder.bytes());
}

function writeVector(column: VectorColumn, head: Buffer, memory: Buffer, row: number): void {
  const vector = encoder.start(TAG.array);
  encoder.raw(null, head);
  if (column.kind === 'dense') {
    const size = rowBytes(column.element, column.dimension);
    encoder.raw(TAG.bytes, memory, row * size, (row + 1) * size);
  } else {
    const start = column.offsets[row]!;
    const end = column.offsets[row + 1]!;
    if (column.kind === 'multi') {
      const dimension = start === end ? 0 : column.dimension;
      encoder.text(TAG.integer, String(end - start));
      encoder.text(TAG.integer, String(dimension));
      encoder.raw(TAG.bytes, memory, start * dimension * 4, end * dimension * 4);
    } else {
      encoder.absent();
      const kept: number[] = [];
      for (let i = start; i < end; i++) if (column.values[i] !== 0) kept.push(i);
      const bits = encoder.start(TAG.bytes);
      encoder.raw(null, bytesOf(Uint32Array.from(kept, i => column.indices[i]!)));
      encoder.raw(null, bytesOf(Float32Array.from(kept, i => column.values[i]!)));
      encoder.end(bits);
    }
  }
  encoder.end(vector);
}

function rowBytes(element: string, dimension: number): number {
  if (element === 'f32') return dimension * 4;
  if (element === 'f16') return dimension * 2;
  return element === 'u8' ? dimension : (dimension + 7) >> 3;
}

function bytesOf(array: Uint32Array | Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function asBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
