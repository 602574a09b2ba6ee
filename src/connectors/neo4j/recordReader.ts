import type { Record as Row } from 'neo4j-driver';
import { batchBytes } from '../../model/batch.ts';
import type { DenseColumn, RecordBatch, Want } from '../../model/record.ts';
import { idOf } from './ids.ts';
import { type Layout, MARK, type VectorLayout } from './layout.ts';
import { quote } from './quote.ts';
import { type Properties, readMetadata } from './storedMetadata.ts';

export interface RecordReader {
  /** What to RETURN of node `n`: its properties and its elementId; more columns may stand behind. */
  returns: string;
  read(rows: Row[]): RecordBatch;
}

/** Reads wanted parts of records. */
export function recordReader(layout: Layout, want: Want): RecordReader {
  const wanted = layout.vectors.filter(({ name }) =>
    typeof want.vectors === 'boolean' ? want.vectors : want.vectors.includes(name),
  );
  const key = layout.key?.property;
  return { returns: `${projection(layout, wanted, want)}, elementId(n)`, read };

  function read(rows: Row[]): RecordBatch {
    const count = rows.length;
    const batch: RecordBatch = { count, partition: '', ids: [], vectors: [], metadata: new Array(count), bytes: 0 };
    let documents: (string | undefined)[] | undefined;
    let uris: (string | undefined)[] | undefined;
    const columns = new Map(wanted.map(vector => [vector.property, new VectorReader(vector, count)]));
    for (let row = 0; row < count; row++) {
      const properties = rows[row]!.get(0) as Properties;
      batch.ids.push(idOf(key === undefined ? undefined : properties[key], properties[MARK], rows[row]!.get(1)));
      for (const column of columns.values()) column.take(row, properties);
      const document = properties[layout.document];
      if (want.document && typeof document === 'string') (documents ??= new Array(count))[row] = document;
      if (!want.metadata) continue;
      const { metadata, uri } = readMetadata(properties, (name, value) => {
        if (name === key) return typeof value === 'bigint' || typeof value === 'string';
        if (name === layout.document) return typeof value === 'string';
        return columns.get(name)?.has(row) === true;
      });
      batch.metadata[row] = metadata;
      if (uri !== undefined) (uris ??= new Array(count))[row] = uri;
    }
    if (documents) batch.documents = documents;
    if (uris) batch.uris = uris;
    for (const column of columns.values()) {
      const done = column.finish();
      if (done !== null) batch.vectors.push(done);
    }
    batch.bytes = batchBytes(batch);
    return batch;
  }
}

/** A map of properties; what is not wanted does not cross the wire. */
function projection(layout: Layout, wanted: VectorLayout[], want: Want): string {
  if (want.metadata) {
    const left = layout.vectors.filter(each => !wanted.includes(each)).map(each => each.property);
    if (!want.document) left.push(layout.document);
    return `n {.*${left.map(name => `, ${quote(name)}: null`).join('')}}`;
  }
  const names = [MARK, ...wanted.map(each => each.property)];
  if (layout.key !== null) names.push(layout.key.property);
  if (want.document) names.push(layout.document);
  return `n {${[...new Set(names)].map(name => `.${quote(name)}`).join(', ')}}`;
}

/** One vector property of all rows. What is no vector of its dimension is left to the metadata, and so is never lost. */
class VectorReader {
  readonly #vector: VectorLayout;
  readonly #count: number;
  #dimension: number;
  #values: Float32Array;
  readonly #present: Uint8Array;
  #found = 0;

  constructor(vector: VectorLayout, count: number) {
    this.#vector = vector;
    this.#count = count;
    this.#dimension = vector.dimension ?? 0;
    this.#values = new Float32Array(count * this.#dimension);
    this.#present = new Uint8Array((count + 7) >> 3);
  }

  take(row: number, properties: Properties): void {
    const list = components(properties[this.#vector.property]);
    if (list === undefined || list.length === 0) return;
    if (this.#dimension === 0) {
      this.#dimension = list.length;
      this.#values = new Float32Array(this.#count * list.length);
    }
    if (list.length !== this.#dimension) return;
    const values = this.#values;
    let at = row * this.#dimension;
    for (let i = 0; i < list.length; i++) {
      const component = list[i];
      values[at] =
        typeof component === 'number' ? component : typeof component === 'bigint' ? Number(component) : Number.NaN;
      if (!Number.isFinite(values[at]!)) {
        values.fill(0, row * this.#dimension, at + 1);
        return;
      }
      at++;
    }
    this.#present[row >> 3]! |= 1 << (row & 7);
    this.#found++;
  }

  has(row: number): boolean {
    return (this.#present[row >> 3]! & (1 << (row & 7))) !== 0;
  }

  finish(): DenseColumn | null {
    if (this.#found === 0) return null;
    return {
      name: this.#vector.name,
      kind: 'dense',
      element: 'f32',
      dimension: this.#dimension,
      values: this.#values,
      ...(this.#found < this.#count && { present: this.#present }),
    };
  }
}

/** A list, or the typed array of a VECTOR value (2025.10 on, Enterprise and Aura). */
function components(value: unknown): ArrayLike<unknown> | undefined {
  if (Array.isArray(value)) return value;
  const typed = (value as { asTypedArray?: unknown } | null)?.asTypedArray;
  return typeof typed === 'function' ? (typed.call(value) as ArrayLike<unknown>) : undefined;
}
