import { allocate } from './columnBuilder.ts';
import { VdbError } from './errors.ts';
import { type DenseColumn, isPresent, type RecordBatch, type VectorColumn } from './record.ts';

/** What a record's id, array slots and string headers take besides their text, about. */
const RECORD_BYTES = 96;

/** Estimate of a batch's bytes, for `RecordBatch.bytes`. */
export function batchBytes(batch: Omit<RecordBatch, 'bytes'>): number {
  let bytes = batch.count * RECORD_BYTES;
  for (const id of batch.ids) if (typeof id === 'string') bytes += id.length;
  for (const texts of [batch.metadata, batch.documents, batch.uris])
    if (texts !== undefined) for (const text of texts) if (text !== undefined) bytes += text.length;
  for (const column of batch.vectors) {
    bytes += column.values.byteLength;
    if (column.kind !== 'dense') bytes += column.offsets.byteLength;
    if (column.kind === 'sparse') bytes += column.indices.byteLength;
  }
  return bytes;
}

/** The rows of `batch` named by index, in that order, as a new batch with buffers of its own. */
export function selectRows(batch: RecordBatch, rows: number[]): RecordBatch {
  return gather(
    rows.map(row => ({ batch, row })),
    [batch],
  );
}

/**
 * Batches of one partition and the same vector columns joined into one; columns missing in some are filled as absent.
 * The ids must be unique over all. A single batch is returned as it is. Throws `internal` for none, for unlike partitions,
 * and for columns of one name that differ in kind.
 */
export function joinBatches(batches: RecordBatch[]): RecordBatch {
  if (batches.length === 1) return batches[0]!;
  return gather(
    batches.flatMap(batch => Array.from({ length: batch.count }, (_, row) => ({ batch, row }))),
    batches,
  );
}

interface Source {
  batch: RecordBatch;
  row: number;
}

function gather(sources: Source[], batches: RecordBatch[]): RecordBatch {
  const partition = batches[0]?.partition;
  if (partition === undefined) throw new VdbError('internal', 'no batch to join');
  if (batches.some(batch => batch.partition !== partition))
    throw new VdbError('internal', 'batches of different partitions cannot be joined');
  const documents = batches.some(batch => batch.documents !== undefined);
  const uris = batches.some(batch => batch.uris !== undefined);
  const names = [...new Set(batches.flatMap(batch => batch.vectors.map(column => column.name)))];
  const result = {
    count: sources.length,
    partition,
    ids: sources.map(({ batch, row }) => batch.ids[row]!),
    vectors: names.map(name => gatherColumn(name, sources, batches)),
    metadata: sources.map(({ batch, row }) => batch.metadata[row]),
    ...(documents ? { documents: sources.map(({ batch, row }) => batch.documents?.[row]) } : {}),
    ...(uris ? { uris: sources.map(({ batch, row }) => batch.uris?.[row]) } : {}),
  };
  return { ...result, bytes: batchBytes(result) };
}

function gatherColumn(name: string, sources: Source[], batches: RecordBatch[]): VectorColumn {
  const columns = new Map<RecordBatch, VectorColumn>();
  for (const batch of batches) {
    const column = batch.vectors.find(candidate => candidate.name === name);
    if (column !== undefined) columns.set(batch, column);
  }
  const first =
    [...columns.values()].find(column => column.kind !== 'multi' || column.dimension > 0) ?? [...columns.values()][0]!;
  for (const column of columns.values()) if (!isLike(column, first)) throw unlike(name);
  const present = gatherPresence(sources, columns);
  const flag = present === undefined ? {} : { present };
  if (first.kind === 'dense') {
    const { element, dimension } = first;
    return { name, kind: 'dense', element, dimension, values: gatherDense(first, sources, columns), ...flag };
  }

  const per = first.kind === 'multi' ? first.dimension : 1;
  const offsets = new Uint32Array(sources.length + 1);
  sources.forEach(({ batch, row }, i) => {
    const column = columns.get(batch);
    const length = column && column.kind !== 'dense' ? column.offsets[row + 1]! - column.offsets[row]! : 0;
    offsets[i + 1] = offsets[i]! + length;
  });
  const total = offsets[sources.length]!;
  const values = new Float32Array(total * per);
  const indices = new Uint32Array(first.kind === 'sparse' ? total : 0);
  sources.forEach(({ batch, row }, i) => {
    const column = columns.get(batch);
    if (column === undefined || column.kind === 'dense') return;
    const start = column.offsets[row]!;
    const end = column.offsets[row + 1]!;
    values.set(column.values.subarray(start * per, end * per), offsets[i]! * per);
    if (column.kind === 'sparse') indices.set(column.indices.subarray(start, end), offsets[i]!);
  });
  if (first.kind === 'sparse') return { name, kind: 'sparse', offsets, indices, values, ...flag };
  return { name, kind: 'multi', offsets, dimension: first.dimension, values, ...flag };
}

function gatherDense(
  like: DenseColumn,
  sources: Source[],
  columns: Map<RecordBatch, VectorColumn>,
): DenseColumn['values'] {
  const width = like.element === 'bit' ? (like.dimension + 7) >> 3 : like.dimension;
  const values = allocate(like.element, sources.length * width);
  sources.forEach(({ batch, row }, i) => {
    const column = columns.get(batch);
    if (column) values.set(column.values.subarray(row * width, (row + 1) * width), i * width);
  });
  return values;
}

function gatherPresence(sources: Source[], columns: Map<RecordBatch, VectorColumn>): Uint8Array | undefined {
  const present = new Uint8Array((sources.length + 7) >> 3);
  let all = true;
  sources.forEach(({ batch, row }, i) => {
    const column = columns.get(batch);
    if (column && isPresent(column, row)) present[i >> 3]! |= 1 << (i & 7);
    else all = false;
  });
  return all ? undefined : present;
}

function isLike(a: VectorColumn, b: VectorColumn): boolean {
  if (a.kind === 'dense') return b.kind === 'dense' && a.element === b.element && a.dimension === b.dimension;
  if (a.kind === 'multi') return b.kind === 'multi' && (a.values.length === 0 || a.dimension === b.dimension);
  return a.kind === b.kind;
}

function unlike(name: string): VdbError {
  return new VdbError('internal', `batches hold unlike vectors named ${JSON.stringify(name)}`);
}
