import type { Data, DataType, FixedSizeList } from 'apache-arrow';
import { isPresent, type VectorColumn } from '../../model/record.ts';
import { arrow } from './arrow.ts';
import type { Field } from './field.ts';
import type { VectorField } from './layout.ts';
import { vectorType } from './vectorNote.ts';

/** A value as its column stores it; null: none. */
export type Stored = null | boolean | bigint | number | string | Stored[];

/** An Arrow column of a metadata field. */
export function fieldData({ kind, list, type }: Field, values: readonly Stored[]): Data {
  if (list) return listData(type, kind, values as readonly (Stored[] | null)[]);
  return scalarData(type, kind, values);
}

function scalarData(type: DataType, kind: Field['kind'], values: readonly Stored[]): Data {
  switch (kind) {
    case 'text':
      return textData(values as readonly (string | null)[], type);
    case 'bool':
      return boolData(values as readonly (boolean | null)[]);
    case 'int':
    case 'float':
      return numberData(type, values as readonly (bigint | number | null)[]);
    case 'other':
      return arrow.vectorFromArray(values as null[], type).data[0]!;
  }
}

export function textData(values: readonly (string | null | undefined)[], type: DataType = new arrow.Utf8()): Data {
  let bytes = 0;
  for (const value of values) if (value != null) bytes += Buffer.byteLength(value);
  const data = Buffer.allocUnsafeSlow(bytes);
  const large = arrow.DataType.isLargeUtf8(type);
  const offsets = large ? new BigInt64Array(values.length + 1) : new Int32Array(values.length + 1);
  let end = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value != null) end += data.write(value, end);
    if (large) offsets[i + 1] = BigInt(end);
    else offsets[i + 1] = end;
  }
  return arrow.makeData({ type: type as never, length: values.length, ...validity(values), valueOffsets: offsets, data } as never);
}

function boolData(values: readonly (boolean | null)[]): Data {
  const data = new Uint8Array((values.length + 7) >> 3);
  for (let i = 0; i < values.length; i++) if (values[i]) data[i >> 3]! |= 1 << (i & 7);
  return arrow.makeData({ type: new arrow.Bool(), length: values.length, ...validity(values), data });
}

function numberData(type: DataType, values: readonly (bigint | number | null)[]): Data {
  const data = new (type.ArrayType as Float64ArrayConstructor)(values.length);
  const wide = data instanceof BigInt64Array;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value == null) continue;
    if (wide) (data as unknown as BigInt64Array)[i] = value as bigint;
    else data[i] = Number(value);
  }
  return arrow.makeData({ type: type as never, length: values.length, ...validity(values), data } as never);
}

function listData(type: DataType, kind: Field['kind'], values: readonly (Stored[] | null)[]): Data {
  const valueOffsets = new Int32Array(values.length + 1);
  const items: Stored[] = [];
  for (let i = 0; i < values.length; i++) {
    for (const item of values[i] ?? []) items.push(item);
    valueOffsets[i + 1] = items.length;
  }
  const child = scalarData((type.children[0] as { type: DataType }).type, kind, items);
  return arrow.makeData({ type: type as never, length: values.length, ...validity(values), valueOffsets, child } as never);
}

/** The vectors of a batch as FixedSizeList; `column` undefined: no record has that vector. Shares the batch's buffer. */
export function vectorData(field: VectorField, column: VectorColumn | undefined, count: number): Data {
  const type = vectorType(field.element, field.dimension) as FixedSizeList;
  const Values = field.element === 'f16' ? Uint16Array : Float32Array;
  const values = column ? column.values : new Values(count * field.dimension);
  const length = count * field.dimension;
  const child = arrow.makeData({ type: type.children[0]!.type as never, length, nullCount: 0, data: values } as never);
  let nullCount = column ? 0 : count;
  if (column?.present) for (let i = 0; i < count; i++) if (!isPresent(column, i)) nullCount++;
  const nullBitmap = nullCount === 0 ? undefined : (column?.present ?? new Uint8Array((count + 7) >> 3));
  return arrow.makeData({ type, length: count, nullCount, nullBitmap, child } as never);
}

function validity(values: readonly unknown[]): { nullCount: number; nullBitmap?: Uint8Array } {
  const nullBitmap = new Uint8Array((values.length + 7) >> 3);
  let nullCount = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] == null) nullCount++;
    else nullBitmap[i >> 3]! |= 1 << (i & 7);
  }
  return nullCount === 0 ? { nullCount } : { nullCount, nullBitmap };
}
