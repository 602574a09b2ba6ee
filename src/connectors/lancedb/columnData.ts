import type { Data, DataType } from 'apache-arrow';
import { arrow } from './arrow.ts';
import type { Field } from './field.ts';

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
  return arrow.makeData({
    type: type as never,
    length: values.length,
    ...validity(values),
    valueOffsets: offsets,
    data,
  } as never);
}

function boolData(values: readonly (boolean | null)[]): Data {
  const { length } = values;
  const nulls = validity(values);
  // Arrow's writer leaves out the values of a Bool column of nulls, which the engine refuses ("Need at least 1 bytes for
  // bitmap"). Written as bytes they are longer than a bitmap, and the schema says how to read them.
  if (length > 0 && nulls.nullCount === length) {
    return arrow.makeData({ type: new arrow.Int8(), length, ...nulls, data: new Int8Array(length) });
  }
  const data = new Uint8Array((length + 7) >> 3);
  for (let i = 0; i < length; i++) if (values[i]) data[i >> 3]! |= 1 << (i & 7);
  return arrow.makeData({ type: new arrow.Bool(), length, ...nulls, data });
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
  return arrow.makeData({
    type: type as never,
    length: values.length,
    ...validity(values),
    valueOffsets,
    child,
  } as never);
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
