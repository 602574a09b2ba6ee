import { joinBatches } from '../../model/batch.ts';
import type { VectorSpec } from '../../model/collection.ts';
import type { RecordBatch, VectorColumn, Want } from '../../model/record.ts';

const EMPTY: RecordBatch = { count: 0, partition: '', ids: [], vectors: [], metadata: [], bytes: 0 };

/** The rows as one batch that holds what is wanted. */
export function readRecords(rows: RecordBatch[], specs: VectorSpec[], want: Want): RecordBatch {
  const all = rows.length === 0 ? EMPTY : joinBatches(rows.map(row => ({ ...row, vectors: columns(row, specs) })));
  const { documents, uris, ...rest } = all;
  return {
    ...rest,
    vectors: all.vectors.filter(({ name }) =>
      typeof want.vectors === 'boolean' ? want.vectors : want.vectors.includes(name),
    ),
    metadata: want.metadata ? all.metadata : all.ids.map(() => undefined),
    ...(want.document && documents && { documents }),
    ...(want.document && uris && { uris }),
  };
}

/** One for each vector of the collection, because only batches of the same columns can be joined. */
function columns(row: RecordBatch, specs: VectorSpec[]): VectorColumn[] {
  return specs.map(
    ({ name, dimension }) =>
      row.vectors.find(column => column.name === name) ?? {
        name,
        kind: 'dense',
        element: 'f32',
        dimension: dimension!,
        values: new Float32Array(dimension!),
        present: Uint8Array.of(0),
      },
  );
}
