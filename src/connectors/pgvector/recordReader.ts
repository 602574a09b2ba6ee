import { batchBytes } from '../../model/batch.ts';
import type { RecordBatch, Want } from '../../model/record.ts';
import { jsonAt, readCopy, textAt } from './copyReader.ts';
import { metadataSql } from './fieldSql.ts';
import { idAsText, idOf } from './ids.ts';
import { column, type Layout, type VectorColumnLayout } from './layout.ts';
import { fromStored } from './storedMetadata.ts';
import { readVectors } from './vectorReader.ts';

export interface RecordReader {
  /** The select list, of the table under the alias `t`. */
  columns: string;
  /** What a COPY of these columns, and `more` float8 columns behind them, wrote. */
  read(data: Uint8Array, more?: number): { batch: RecordBatch; numbers: Float64Array[] };
  /** How many rows there are, and the id of the last one as it is stored: a small part of the work. */
  extent(data: Uint8Array): { count: number; lastId: string | undefined };
}

/** Reads wanted parts of records: id, metadata (at least what is reserved in it), document, vectors. */
export function recordReader(layout: Layout, want: Want): RecordReader {
  const vectors = wantedVectors(layout, want);
  const metadata = want.metadata ? metadataSql(layout) : reservedSql(layout);
  const withDocument = want.document && layout.document !== null;
  const columns = [idAsText(layout), metadata, ...(withDocument ? [`${column(layout.document!)}::text`] : [])];
  const firstVector = columns.length;
  columns.push(...vectors.map(vector => column(vector.column)));
  const fields = columns.length;
  return { columns: columns.join(', '), read, extent };

  function extent(data: Uint8Array) {
    const rows = readCopy(data, fields);
    return { count: rows.count, lastId: rows.count === 0 ? undefined : textAt(rows, rows.count - 1, 0) };
  }

  function read(data: Uint8Array, more = 0) {
    const rows = readCopy(data, fields + more);
    const { count } = rows;
    const batch: RecordBatch = {
      count,
      partition: '',
      ids: new Array(count),
      vectors: [],
      metadata: new Array(count),
      bytes: 0,
    };
    let documents: (string | undefined)[] | undefined;
    let uris: (string | undefined)[] | undefined;
    for (let row = 0; row < count; row++) {
      const id = textAt(rows, row, 0)!;
      const stored = jsonAt(rows, row, 1);
      const restored = stored === undefined ? undefined : fromStored(stored);
      batch.ids[row] = idOf(layout, id, restored?.id);
      if (want.metadata) batch.metadata[row] = restored?.metadata;
      if (want.metadata && restored?.uri !== undefined) (uris ??= new Array(count))[row] = restored.uri;
      if (!want.document) continue;
      const document = restored?.document ?? (withDocument ? textAt(rows, row, 2) : undefined);
      if (document !== undefined) (documents ??= new Array(count))[row] = document;
    }
    if (documents) batch.documents = documents;
    if (uris) batch.uris = uris;
    vectors.forEach((vector, index) => {
      const values = readVectors(vector, rows, firstVector + index);
      if (values !== null) batch.vectors.push(values);
    });
    const numbers = Array.from({ length: more }, (_, index) => {
      const values = new Float64Array(count);
      for (let row = 0; row < count; row++)
        values[row] = rows.bytes.readDoubleBE(rows.starts[row * rows.fields + fields + index]!);
      return values;
    });
    batch.bytes = batchBytes(batch);
    return { batch, numbers };
  }
}

function wantedVectors(layout: Layout, want: Want): VectorColumnLayout[] {
  const { vectors } = want;
  if (typeof vectors === 'boolean') return vectors ? layout.vectors : [];
  return layout.vectors.filter(each => vectors.includes(each.name));
}

/** The id's mark and the sidecar, without which neither id nor document can be told. */
function reservedSql(layout: Layout): string {
  if (layout.metadata === null) return 'null::jsonb';
  const spread = column(layout.metadata);
  return `case when ${spread} ?| array['_vdb_id', '_vdb_x'] then jsonb_strip_nulls(jsonb_build_object(
    '_vdb_id', ${spread} -> '_vdb_id', '_vdb_x', ${spread} -> '_vdb_x')) end`;
}
