import type { Call } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import { float32sText } from '../../model/float32.ts';
import { type DenseColumn, isPresent, type RecordBatch } from '../../model/record.ts';
import { type Collection, operation, type Server } from './collection.ts';
import { findOwnIds, hasDigits } from './ids.ts';
import { removeTexts } from './remove.ts';
import { toStored } from './storedMetadata.ts';

/** A body over 41,943,040 bytes is refused with 413 (Chroma 1.5.9). */
const BODY_BYTES = 32 * 1024 * 1024;

/**
 * Writes a batch. Chroma's own upsert merges: keys, document and uri of the old record stay; and `add` keeps the old record
 * in silence. So what is there is removed, then added anew. Everything is checked before anything is written; a write that
 * fails between the two has lost nothing that writing it again does not bring.
 */
export async function upsert(
  server: Server,
  collection: Collection,
  batch: RecordBatch,
  absent: boolean,
  call: Call,
): Promise<void> {
  const bodies = encode(server, batch);
  const { ids } = batch;
  if (!absent || hasDigits(ids)) {
    const there = await findOwnIds(server, collection, ids, call);
    await removeTexts(server, collection, there.map(String), call);
  }
  const path = operation(server.root, collection, 'add');
  for (const body of bodies) await server.link.send('POST', path, body, call);
}

/** Bodies of `add`, each within what the server takes. */
function encode(server: Server, batch: RecordBatch): string[] {
  const vectors = vectorTexts(server, batch);
  const bodies: string[] = [];
  let rows: Rows = { ids: [], embeddings: [], metadatas: [], documents: [], uris: [] };
  let bytes = 0;
  for (let row = 0; row < batch.count; row++) {
    const id = batch.ids[row]!;
    const entry = {
      ids: JSON.stringify(String(id)),
      embeddings: vectors(row),
      metadatas: toStored(batch.metadata[row], id),
      documents: textOf(batch.documents?.[row]),
      uris: textOf(batch.uris?.[row]),
    };
    const size = Object.values(entry).reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0);
    if (rows.ids.length > 0 && bytes + size > BODY_BYTES) {
      bodies.push(bodyOf(rows));
      rows = { ids: [], embeddings: [], metadatas: [], documents: [], uris: [] };
      bytes = 0;
    }
    bytes += size;
    for (const key of COLUMNS) rows[key].push(entry[key]);
  }
  bodies.push(bodyOf(rows));
  return bodies;
}

const COLUMNS = ['ids', 'embeddings', 'metadatas', 'documents', 'uris'] as const;
type Rows = Record<(typeof COLUMNS)[number], string[]>;

function bodyOf(rows: Rows): string {
  return `{${COLUMNS.map(key => `"${key}":[${rows[key].join(',')}]`).join(',')}}`;
}

function textOf(text: string | undefined): string {
  return text === undefined ? 'null' : JSON.stringify(text);
}

/** Each row's vector as JSON. Throws `unsupported` for a record without. */
function vectorTexts({ base64 }: Server, batch: RecordBatch): (row: number) => string {
  const column = batch.vectors.find((each): each is DenseColumn => each.name === '' && each.kind === 'dense');
  const bare = batch.ids.findIndex((_, row) => column === undefined || !isPresent(column, row));
  if (bare >= 0) {
    throw new VdbError(
      'unsupported',
      `record ${JSON.stringify(String(batch.ids[bare]))} has no vector, and Chroma keeps none without`,
      {
        outcome: 'not_applied',
      },
    );
  }
  const { dimension } = column!;
  const values = column!.values as Float32Array;
  if (!base64) return row => `[${float32sText(values, row * dimension, (row + 1) * dimension)}]`;
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return row => `"${bytes.toString('base64', row * dimension * 4, (row + 1) * dimension * 4)}"`;
}
