import type { Data, DataType } from 'apache-arrow';
import { VdbError } from '../../model/errors.ts';
import { printExact } from '../../model/json/exact.ts';
import { arrow } from './arrow.ts';
import { texts } from './texts.ts';

const PER_SECOND = [1n, 1_000n, 1_000_000n, 1_000_000_000n];

/** JSON text of one value of a column type that we never make: structs, dates, bytes, narrow lists. Undefined: null, or not a JSON number. */
export function foreignText(data: Data, row: number): string | undefined {
  if (!data.getValid(row)) return undefined;
  const { DataType: types } = arrow;
  const { values } = data;
  const type = data.type as DataType;
  if (types.isNull(type)) return undefined;
  if (types.isUtf8(type) || types.isLargeUtf8(type)) return JSON.stringify(texts(data, row, row + 1)[0]);
  if (types.isBool(type)) return String(get(data, row));
  if (types.isInt(type)) return String(values[row]);
  if (types.isFloat(type)) {
    const value = get(data, row) as number;
    return Number.isFinite(value) ? printExact(value) : undefined;
  }
  if (types.isTimestamp(type)) return date((values as BigInt64Array)[row]!, PER_SECOND[type.unit]!);
  if (types.isDate(type)) {
    return type.unit === arrow.DateUnit.DAY
      ? date(BigInt((values as Int32Array)[row]!) * 86_400n, 1n)
      : date((values as BigInt64Array)[row]!, 1000n);
  }
  if (types.isBinary(type) || types.isLargeBinary(type) || types.isFixedSizeBinary(type)) {
    const bytes = get(data, row) as Uint8Array;
    return `{"$bytes":"${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')}"}`;
  }
  if (types.isStruct(type)) {
    const members = type.children.map((field, i) => {
      const text = foreignText(data.children[i]!, row);
      return text === undefined ? undefined : `${JSON.stringify(field.name)}:${text}`;
    });
    return `{${members.filter(text => text !== undefined).join(',')}}`;
  }
  if (types.isFixedSizeList(type)) return items(data.children[0]!, row * type.listSize, (row + 1) * type.listSize);
  if (types.isList(type)) return items(data.children[0]!, data.valueOffsets[row]!, data.valueOffsets[row + 1]!);
  if (types.isDictionary(type)) return foreignText(data.dictionary!.data[0]!, Number(values[row]));
  if (types.isTime(type) || types.isDuration(type)) return String(values[row]);
  if (types.isDecimal(type)) return decimal(values as Uint32Array, row, type.bitWidth / 32, type.scale);
  throw new VdbError('unsupported', `a column of type ${type} cannot be read`, {
    outcome: 'not_applied',
    hint: 'Drop that column, or read without metadata.',
  });
}

function get(data: Data, row: number): unknown {
  return new arrow.Vector([data]).get(row);
}

function items(child: Data, from: number, to: number): string {
  const parts: string[] = [];
  for (let i = from; i < to; i++) parts.push(foreignText(child, i) ?? 'null');
  return `[${parts.join(',')}]`;
}

/** `{"$date":…}` in UTC with as many digits of the second as there are. */
function date(ticks: bigint, perSecond: bigint): string {
  const fraction = ((ticks % perSecond) + perSecond) % perSecond;
  const seconds = (ticks - fraction) / perSecond;
  const digits = String(perSecond).length - 1;
  const part = fraction === 0n ? '' : `.${String(fraction).padStart(digits, '0').replace(/0+$/, '')}`;
  return `{"$date":"${new Date(Number(seconds) * 1000).toISOString().slice(0, -5)}${part}Z"}`;
}

/** A decimal as the number it is, with a point: little-endian two's complement words. */
function decimal(values: Uint32Array, row: number, words: number, scale: number): string {
  let unsigned = 0n;
  for (let i = words - 1; i >= 0; i--) unsigned = (unsigned << 32n) | BigInt(values[row * words + i]!);
  const value = BigInt.asIntN(words * 32, unsigned);
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  const cut = digits.length - scale;
  return `${value < 0n ? '-' : ''}${digits.slice(0, cut)}.${digits.slice(cut) || '0'}`;
}
