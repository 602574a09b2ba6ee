import type { Data } from 'apache-arrow';
import { printExact } from '../../model/json/exact.ts';
import type { Field } from './field.ts';
import { foreignText } from './foreignText.ts';
import { looksInteger } from './storedValue.ts';
import { texts } from './texts.ts';

/** Which rows' whole numbers are floats, of the Float64 column at hand. */
export type IsFloat = (row: number) => boolean;

/** JSON text of a metadata column's rows `from` to `to`; undefined where null. */
export function valueTexts(
  field: Field,
  data: Data,
  from: number,
  to: number,
  isFloat: IsFloat,
): (string | undefined)[] {
  const { kind, list } = field;
  if (kind === 'other') return rows(data, from, to, row => foreignText(data, row));
  if (list) return listTexts(field, data, from, to);
  if (kind === 'text')
    return texts(data, from, to).map(text => (text === undefined ? undefined : JSON.stringify(text)));
  const { values } = data;
  if (kind === 'bool') return rows(data, from, to, row => bit(data, row));
  if (kind === 'int') return rows(data, from, to, row => String(values[row]));
  return rows(data, from, to, row => number(values[row] as number, isFloat(row - from)));
}

function listTexts(field: Field, data: Data, from: number, to: number): (string | undefined)[] {
  const child = data.children[0]!;
  const offsets = data.valueOffsets as Int32Array;
  const first = offsets[from]!;
  const items = valueTexts({ ...field, list: false }, child, first, offsets[to]!, () => true);
  return rows(data, from, to, row => {
    let text = '[';
    for (let i = offsets[row]!; i < offsets[row + 1]!; i++)
      text += `${i === offsets[row] ? '' : ','}${items[i - first] ?? 'null'}`;
    return `${text}]`;
  });
}

function rows(
  data: Data,
  from: number,
  to: number,
  textOf: (row: number) => string | undefined,
): (string | undefined)[] {
  const result: (string | undefined)[] = new Array(to - from).fill(undefined);
  const nulls = data.nullCount > 0;
  for (let row = from; row < to; row++) if (!nulls || data.getValid(row)) result[row - from] = textOf(row);
  return result;
}

function bit(data: Data, row: number): string {
  const at = data.offset + row;
  return ((data.values as Uint8Array)[at >> 3]! & (1 << (at & 7))) !== 0 ? 'true' : 'false';
}

/** JSON has no NaN and no infinities: other programs' count as absent. */
function number(value: number, isFloat: boolean): string | undefined {
  if (!isFloat && looksInteger(value)) return String(value);
  return Number.isFinite(value) ? printExact(value) : undefined;
}
