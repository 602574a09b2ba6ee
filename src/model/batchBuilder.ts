import { batchBytes } from './batch.ts';
import { type ColumnBuilder, columnBuilder, type VectorShape } from './columnBuilder.ts';
import type { Id } from './id.ts';
import type { RecordBatch } from './record.ts';
import type { VectorDraft } from './vectorReader.ts';

/** One record as it was read; its vectors' numbers stand in a pool. */
export interface RecordDraft {
  id: Id;
  partition: string;
  metadata: string | undefined;
  document: string | undefined;
  uri: string | undefined;
  vectors: VectorDraft[];
}

/** Collects the records of one partition; a record whose id came before takes the earlier one's place. */
export class BatchBuilder {
  readonly #partition: string;
  readonly #ids: Id[] = [];
  /** A bigint and a string of the same digits are different keys of a Map, as they are different ids. */
  readonly #rows = new Map<Id, number>();
  readonly #metadata: (string | undefined)[] = [];
  readonly #documents: (string | undefined)[] = [];
  readonly #uris: (string | undefined)[] = [];
  readonly #columns = new Map<string, ColumnBuilder>();

  constructor(partition: string) {
    this.#partition = partition;
  }

  /** `shapes` holds every name that occurs. */
  add(record: RecordDraft, shapes: Map<string, VectorShape>, pool: Float64Array): void {
    let row = this.#rows.get(record.id);
    if (row === undefined) {
      row = this.#ids.length;
      this.#rows.set(record.id, row);
      this.#ids.push(record.id);
    } else for (const column of this.#columns.values()) column.unset(row);
    this.#metadata[row] = record.metadata;
    this.#documents[row] = record.document;
    this.#uris[row] = record.uri;
    for (const draft of record.vectors) {
      let column = this.#columns.get(draft.name);
      if (column === undefined) {
        column = columnBuilder(draft.name, shapes.get(draft.name)!);
        this.#columns.set(draft.name, column);
      }
      column.set(row, draft, pool);
    }
  }

  finish(): RecordBatch {
    const count = this.#ids.length;
    const batch = {
      count,
      partition: this.#partition,
      ids: this.#ids,
      vectors: [...this.#columns.values()].map(column => column.finish(count)).filter(column => column !== undefined),
      metadata: this.#metadata,
      ...(this.#documents.some(text => text !== undefined) ? { documents: this.#documents } : {}),
      ...(this.#uris.some(text => text !== undefined) ? { uris: this.#uris } : {}),
    };
    return { ...batch, bytes: batchBytes(batch) };
  }
}
