import { batchBytes } from '../../model/batch.ts';
import type { Id } from '../../model/id.ts';
import type { RecordBatch, Want } from '../../model/record.ts';
import type { Answer } from './answer.ts';
import { badAnswer } from './httpLink.ts';
import { idOf } from './ids.ts';
import { fromStored } from './storedMetadata.ts';

/** What to ask for. Metadata in any case: it tells an integer id from text. */
export function includeFor(want: Want): string[] {
  return [
    'metadatas',
    ...(wantsVector(want) ? ['embeddings'] : []),
    ...(want.document ? ['documents'] : []),
    ...(want.metadata ? ['uris'] : []),
  ];
}

export function wantsNothing(want: Want): boolean {
  return !want.metadata && !want.document && !wantsVector(want);
}

export function wantsVector({ vectors }: Want): boolean {
  return typeof vectors === 'boolean' ? vectors : vectors.includes('');
}

/** The wanted parts of the records that an answer holds. */
export function readRecords(answer: Answer, want: Want): RecordBatch {
  const { ids, metadatas, embeddings, dimension } = answer;
  const count = ids.length;
  const restored = ids.map((_, row) => {
    const stored = metadatas[row];
    return stored === undefined ? undefined : fromStored(stored);
  });
  const batch: RecordBatch = {
    count,
    partition: '',
    ids: ids.map((text, row) => idOf(text, restored[row]?.mark)),
    vectors: [],
    metadata: ids.map((_, row) => (want.metadata ? restored[row]?.metadata : undefined)),
    bytes: 0,
  };
  if (embeddings !== undefined) {
    if (embeddings.length !== count * dimension) throw badAnswer('not as many vectors as ids');
    batch.vectors.push({ name: '', kind: 'dense', element: 'f32', dimension, values: embeddings });
  }
  if (answer.documents.some(text => text !== undefined)) batch.documents = answer.documents;
  if (answer.uris.some(text => text !== undefined)) batch.uris = answer.uris;
  batch.bytes = batchBytes(batch);
  return batch;
}

/** Records of which nothing is wanted but their ids. */
export function bareRecords(ids: Id[]): RecordBatch {
  const batch = { count: ids.length, partition: '', ids, vectors: [], metadata: ids.map(() => undefined) };
  return { ...batch, bytes: batchBytes(batch) };
}

export function noRecords(): RecordBatch {
  return { count: 0, partition: '', ids: [], vectors: [], metadata: [], bytes: 0 };
}
