import { VdbError } from '../../../model/errors.ts';
import { MAX_TEXT, writeFloat32s } from '../../../model/float32.ts';
import { idKey } from '../../../model/id.ts';
import { type DenseColumn, isPresent, type RecordBatch, type SparseColumn } from '../../../model/record.ts';
import { isDigits, storedId } from '../ids.ts';
import { type IndexInfo, SPARSE_NAME } from '../indexInfo.ts';
import { namespaceOf } from '../namespaces.ts';
import { shown, toStored } from './storedMetadata.ts';

/** Records, and bytes with something to spare, of one upsert (API limits: 1,000 and 2 MB). */
export const REQUEST_RECORDS = 1000;
export const REQUEST_BYTES = 2_000_000;
/** A dense vector needs one component of this magnitude (API 2026-07). */
const LEAST = 1e-8;

export interface Encoded {
  /** Bodies of upsert requests. */
  bodies: Buffer[];
  /** Of the ids whose stored text may also be another id's: the text, and the id. */
  doubtful: Map<string, string>;
}

/** A batch as upsert requests; nothing is sent of a batch that holds a record Pinecone would refuse. Throws `invalid`, `unsupported`. */
export function encodeBatch(batch: RecordBatch, info: IndexInfo, documentField: string): Encoded {
  const dense = batch.vectors.find(({ name, kind }) => name === '' && kind === 'dense') as DenseColumn | undefined;
  const sparseName = info.kind === 'sparse' ? '' : SPARSE_NAME;
  const sparse = batch.vectors.find(({ name, kind }) => name === sparseName && kind === 'sparse') as
    | SparseColumn
    | undefined;
  const stored = batch.ids.map(storedId);
  const doubtful = refuseDoubles(batch, stored);
  const writer = new BodyWriter(namespaceOf(batch.partition));
  for (let row = 0; row < batch.count; row++) {
    const id = batch.ids[row]!;
    const metadata = toStored(
      { id, metadata: batch.metadata[row], document: batch.documents?.[row], uri: batch.uris?.[row] },
      stored[row]!,
      documentField,
    );
    const main = info.kind === 'dense' ? dense : sparse;
    if (!main || !isPresent(main, row)) {
      throw new VdbError('unsupported', `record ${shown(id)} has no vector, and Pinecone keeps no record without one`, {
        outcome: 'not_applied',
        hint: 'Leave such records out with a filter, or give them a vector.',
      });
    }
    if (main === dense) refuseZero(dense, row, batch);
    writer.add(stored[row]!, info.kind === 'dense' ? dense : undefined, sparse, row, metadata, id);
  }
  return { bodies: writer.finish(), doubtful };
}

class BodyWriter {
  readonly #head: string;
  readonly #bodies: Buffer[] = [];
  #buffer = Buffer.allocUnsafe(1 << 18);
  #used = 0;
  #records = 0;

  constructor(namespace: string | undefined) {
    this.#head = `{${namespace === undefined ? '' : `"namespace":${JSON.stringify(namespace)},`}"vectors":[`;
  }

  add(
    stored: string,
    dense: DenseColumn | undefined,
    sparse: SparseColumn | undefined,
    row: number,
    metadata: string,
    id: RecordBatch['ids'][number],
  ): void {
    if (this.#records === 0) this.#text(this.#head);
    const start = this.#used;
    this.#text(`${this.#records === 0 ? '' : ','}{"id":${JSON.stringify(stored)}`);
    if (dense) {
      this.#text(',"values":[');
      this.#floats(dense.values as Float32Array, row * dense.dimension, (row + 1) * dense.dimension);
      this.#text(']');
    }
    if (sparse && isPresent(sparse, row)) {
      const [from, to] = [sparse.offsets[row]!, sparse.offsets[row + 1]!];
      if (from === to) {
        throw new VdbError('invalid', `the sparse vector of record ${shown(id)} is empty, which Pinecone refuses`, {
          outcome: 'not_applied',
        });
      }
      this.#text(`,"sparseValues":{"indices":[${sparse.indices.subarray(from, to).join(',')}],"values":[`);
      this.#floats(sparse.values, from, to);
      this.#text(']}');
    }
    this.#text(metadata === '{}' ? '}' : `,"metadata":${metadata}}`);
    this.#records++;
    if (this.#used + 2 > REQUEST_BYTES && this.#records > 1) {
      // The last record begins the next request.
      const last = Buffer.from(this.#buffer.subarray(start + 1, this.#used));
      this.#used = start;
      this.#end();
      this.#text(this.#head);
      this.#bytes(last);
      this.#records = 1;
    } else if (this.#records === REQUEST_RECORDS) this.#end();
  }

  finish(): Buffer[] {
    if (this.#records > 0) this.#end();
    return this.#bodies;
  }

  #end(): void {
    this.#text(']}');
    this.#bodies.push(Buffer.from(this.#buffer.subarray(0, this.#used)));
    this.#used = 0;
    this.#records = 0;
  }

  #text(text: string): void {
    this.#room(text.length * 3);
    this.#used += this.#buffer.write(text, this.#used, 'utf8');
  }

  #bytes(bytes: Buffer): void {
    this.#room(bytes.length);
    this.#used += bytes.copy(this.#buffer, this.#used);
  }

  #floats(values: Float32Array, start: number, end: number): void {
    this.#room((end - start) * MAX_TEXT);
    this.#used = writeFloat32s(values, start, end, this.#buffer, this.#used);
  }

  #room(bytes: number): void {
    if (this.#used + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.#used + bytes));
    this.#buffer.copy(larger, 0, 0, this.#used);
    this.#buffer = larger;
  }
}

/** Two ids of one stored text cannot both be kept. */
function refuseDoubles(batch: RecordBatch, stored: string[]): Map<string, string> {
  const doubtful = new Map<string, string>();
  for (let row = 0; row < batch.count; row++) {
    const text = stored[row]!;
    if (!isDigits(text)) continue;
    const key = idKey(batch.ids[row]!);
    const other = doubtful.get(text);
    if (other !== undefined && other !== key) throw twoIds(text);
    doubtful.set(text, key);
  }
  return doubtful;
}

export function twoIds(text: string): VdbError {
  return new VdbError('invalid', `the integer id ${text} and the text id "${text}" are one in Pinecone`, {
    reason: 'duplicate_id',
    outcome: 'not_applied',
    hint: 'Write records of one of the two kinds only.',
  });
}

function refuseZero({ values, dimension }: DenseColumn, row: number, batch: RecordBatch): void {
  const vector = values as Float32Array;
  for (let i = row * dimension; i < (row + 1) * dimension; i++) if (Math.abs(vector[i]!) >= LEAST) return;
  throw new VdbError('invalid', `the vector of record ${shown(batch.ids[row]!)} is all zeros, which Pinecone refuses`, {
    outcome: 'not_applied',
    hint: 'One component must be 1e-8 or more in size.',
  });
}
