import type { Capabilities, Limits } from '../model/capabilities.ts';
import type { VectorSpec } from '../model/collection.ts';
import { type ErrorReason, VdbError } from '../model/errors.ts';
import { type Id, idKey } from '../model/id.ts';
import { isPresent, type RecordBatch, type VectorColumn } from '../model/record.ts';
import { hintFor } from './hints.ts';

const MIN_INTEGER = -(2n ** 63n);
const MAX_INTEGER = 2n ** 64n - 1n;

/** Throws `invalid` for what no database may be given: bad ids, numbers that are not finite, wrong dimensions, too much at once. */
export function checkBatch(batch: RecordBatch, capabilities: Capabilities, specs: VectorSpec[]): void {
  const { limits } = capabilities;
  for (const id of batch.ids) checkId(id, limits);
  if (limits.batchRecords !== undefined && batch.count > limits.batchRecords) {
    throw tooLarge(`a batch of ${batch.count} records is over this database's limit of ${limits.batchRecords}`);
  }
  if (limits.batchBytes !== undefined && batch.bytes > limits.batchBytes && batch.count > 1) {
    throw tooLarge(`a batch of ${batch.bytes} bytes is over this database's limit of ${limits.batchBytes}`);
  }
  checkSizes(batch, limits);
  for (const column of batch.vectors) {
    checkColumn(column, batch, specs);
    checkFinite(column, batch);
  }
}

export function checkId(id: Id, limits: Limits): void {
  if (typeof id === 'bigint') {
    if (id < MIN_INTEGER || id > MAX_INTEGER) throw invalid(`id ${id} is outside of -2^63 to 2^64-1`, 'integer_range');
    return;
  }
  if (id === '') throw invalid('an id is empty');
  if (limits.idBytes !== undefined && id.length * 3 > limits.idBytes && Buffer.byteLength(id) > limits.idBytes) {
    throw tooLarge(`id '${id.slice(0, 40)}…' is over this database's limit of ${limits.idBytes} bytes`);
  }
}

/** Rows that stay when of an id given twice the last one wins; undefined when none is given twice. */
export function lastOfEach(ids: Id[]): number[] | undefined {
  const last = new Map<string, number>();
  for (let row = 0; row < ids.length; row++) last.set(idKey(ids[row]!), row);
  return last.size === ids.length ? undefined : [...last.values()];
}

function checkSizes(batch: RecordBatch, limits: Limits): void {
  if (limits.metadataBytes === undefined && limits.recordBytes === undefined) return;
  for (let row = 0; row < batch.count; row++) {
    const metadata = byteLength(batch.metadata[row]);
    if (limits.metadataBytes !== undefined && metadata > limits.metadataBytes) {
      throw tooLarge(
        `the metadata of record ${show(batch.ids[row]!)} is over this database's limit of ${limits.metadataBytes} bytes`,
      );
    }
    if (limits.recordBytes === undefined) continue;
    let bytes = metadata + byteLength(batch.documents?.[row]);
    for (const column of batch.vectors) bytes += vectorBytes(column, row);
    if (bytes > limits.recordBytes) {
      throw tooLarge(`record ${show(batch.ids[row]!)} is over this database's limit of ${limits.recordBytes} bytes`);
    }
  }
}

function vectorBytes(column: VectorColumn, row: number): number {
  if (column.kind === 'dense') return column.values.byteLength / Math.max(1, column.values.length / width(column));
  const entries = column.offsets[row + 1]! - column.offsets[row]!;
  return column.kind === 'sparse' ? entries * 8 : entries * column.dimension * 4;
}

function checkColumn(column: VectorColumn, batch: RecordBatch, specs: VectorSpec[]): void {
  const spec = specs.find(({ name }) => name === column.name);
  const title = column.name === '' ? 'the vector' : `vector '${column.name}'`;
  const row = firstPresent(column, batch.count);
  if (row === undefined) return;
  const record = show(batch.ids[row]!);
  if (!spec) {
    const known = specs.map(({ name }) => (name === '' ? 'the unnamed one' : `'${name}'`)).join(', ') || 'none';
    throw invalid(`${title} of record ${record} does not exist in the collection, which has: ${known}`);
  }
  if (spec.kind !== column.kind)
    throw invalid(`${title} of record ${record} is ${column.kind}, the collection's is ${spec.kind}`);
  if (column.kind === 'dense' && column.element !== spec.element) {
    throw invalid(`${title} of record ${record} has elements ${column.element}, the collection's has ${spec.element}`);
  }
  // Multi-vectors without a row have no dimension.
  if (column.kind === 'multi' && column.offsets[batch.count] === 0) return;
  if (column.kind !== 'sparse') checkDimension(column.dimension, spec, `${title} of record ${record}`);
  else if (spec.dimension !== null) {
    for (let i = 0; i < column.indices.length; i++) {
      if (column.indices[i]! >= spec.dimension) {
        throw dimensionMismatch(
          `${title} of record ${show(batch.ids[rowOf(column.offsets, i)]!)} has index ${column.indices[i]} in ${spec.dimension} dimensions`,
        );
      }
    }
  }
}

export function checkDimension(dimension: number, spec: VectorSpec, what: string): void {
  if (spec.dimension === null || dimension === spec.dimension) return;
  throw dimensionMismatch(`${what} has ${dimension} dimensions, the collection's has ${spec.dimension}`);
}

function checkFinite(column: VectorColumn, batch: RecordBatch): void {
  const at = firstNotFinite(column);
  if (at === undefined) return;
  const row =
    column.kind === 'dense'
      ? Math.floor(at / width(column))
      : rowOf(column.offsets, column.kind === 'multi' ? Math.floor(at / column.dimension) : at);
  // What stands where a vector is absent is nobody's.
  if (!isPresent(column, row)) return;
  throw invalid(
    `a vector of record ${show(batch.ids[row]!)} holds NaN, an infinity or a number beyond float32`,
    'not_finite',
  );
}

function firstNotFinite(column: VectorColumn): number | undefined {
  const { values } = column;
  const skip = (at: number): boolean =>
    column.kind === 'dense' && column.present !== undefined && !isPresent(column, Math.floor(at / width(column)));
  if (values instanceof Float32Array) {
    for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i]!) && !skip(i)) return i;
  } else if (values instanceof Uint16Array) {
    for (let i = 0; i < values.length; i++) if ((values[i]! & 0x7c00) === 0x7c00 && !skip(i)) return i;
  }
  return undefined;
}

/** Places of one row in a dense column's values. */
function width(column: VectorColumn & { kind: 'dense' }): number {
  return column.element === 'bit' ? Math.ceil(column.dimension / 8) : column.dimension;
}

function firstPresent(column: VectorColumn, count: number): number | undefined {
  for (let row = 0; row < count; row++) if (isPresent(column, row)) return row;
  return undefined;
}

function rowOf(offsets: Uint32Array, at: number): number {
  let row = 0;
  while (offsets[row + 1]! <= at) row++;
  return row;
}

function byteLength(text: string | undefined): number {
  return text === undefined ? 0 : Buffer.byteLength(text);
}

function show(id: Id): string {
  return typeof id === 'bigint' ? String(id) : JSON.stringify(id);
}

export function invalid(message: string, reason?: ErrorReason): VdbError {
  const hint = hintFor('invalid', reason);
  return new VdbError('invalid', message, {
    outcome: 'not_applied',
    ...(reason && { reason }),
    ...(hint !== undefined && { hint }),
  });
}

function tooLarge(message: string): VdbError {
  return invalid(message, 'too_large');
}

function dimensionMismatch(message: string): VdbError {
  return invalid(message, 'dimension_mismatch');
}
