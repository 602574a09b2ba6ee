import type { Call } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import { float32sText } from '../../model/float32.ts';
import { members } from '../../model/json/members.ts';
import { type DenseColumn, isPresent, type RecordBatch } from '../../model/record.ts';
import { readAnswer } from './answer.ts';
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
  const parts = encode(server, batch);
  const { ids } = batch;
  if (!absent || hasDigits(ids)) {
    const there = await findOwnIds(server, collection, ids, call);
    await removeTexts(server, collection, there.map(String), call);
  }
  const path = operation(server.root, collection, 'add');
  for (const rows of parts) {
    await server.link.send('POST', path, bodyOf(rows), call);
    await removeGhosts(server, collection, rows, call);
  }
}

/**
 * A collection that was dropped leaves its arrays behind, and new records of any collection that get the internal numbers of
 * its records show them as theirs (Chroma 1.5.9, chroma-core/chroma#7594). Setting a key to null removes them.
 */
async function removeGhosts({ link, root }: Server, collection: Collection, rows: Rows, call: Call): Promise<void> {
  const sent = new Map(rows.ids.map((text, row) => [JSON.parse(text) as string, rows.metadatas[row]!]));
  const query = `{"ids":[${rows.ids.join(',')}],"include":["metadatas"]}`;
  const answer = readAnswer(await link.send('POST', operation(root, collection, 'get'), query, call));
  const ids: string[] = [];
  const changes: string[] = [];
  answer.ids.forEach((id, row) => {
    const ghosts = surplusArrays(answer.metadatas[row], sent.get(id));
    if (ghosts.length === 0) return;
    ids.push(id);
    changes.push(`{${ghosts.map(key => `${JSON.stringify(key)}:null`).join(',')}}`);
  });
  if (ids.length === 0) return;
  const body = `{"ids":${JSON.stringify(ids)},"metadatas":[${changes.join(',')}]}`;
  await link.send('POST', operation(root, collection, 'update'), body, call);
}

function surplusArrays(stored: string | undefined, sent: string | undefined): string[] {
  if (stored === undefined || sent === undefined || !stored.includes(':[')) return [];
  const arrays = members(stored).filter(({ kind }) => kind === 'array');
  const known = new Set(sent === 'null' ? [] : members(sent).map(({ key }) => key));
  return arrays.map(({ key }) => key).filter(key => !known.has(key));
}

/** Rows as JSON texts, in parts that each fit into a request. */
function encode(server: Server, batch: RecordBatch): Rows[] {
  const vectors = vectorTexts(server, batch);
  const parts: Rows[] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (let row = 0; row < batch.count; row++) {
    const id = batch.ids[row]!;
    const entry = {
      ids: JSON.stringify(String(id)),
      embeddings: vectors(row),
      metadatas: toStored(batch.metadata[row], id),
      documents: textOf(batch.documents?.[row]),
      uris: textOf(batch.uris?.[row]),
    };
    const size = COLUMNS.reduce((sum, key) => sum + Buffer.byteLength(entry[key]) + 1, 0);
    if (bytes + size > BODY_BYTES) {
      parts.push({ ids: [], embeddings: [], metadatas: [], documents: [], uris: [] });
      bytes = 0;
    }
    bytes += size;
    for (const key of COLUMNS) parts.at(-1)![key].push(entry[key]);
  }
  return parts;
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
