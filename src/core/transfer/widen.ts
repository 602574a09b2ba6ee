import { float16Value } from '../../model/float16.ts';
import type { DenseColumn } from '../../model/record.ts';

/** Every f16 bit pattern as its number: 256 KiB, made when first needed. */
let table: Float32Array | undefined;

/** An f16 or u8 column as f32, which holds each of their values exactly; any other column as it is. */
export function widen(column: DenseColumn): DenseColumn {
  if (column.element === 'u8') return { ...column, element: 'f32', values: Float32Array.from(column.values) };
  if (column.element !== 'f16') return column;
  table ??= Float32Array.from({ length: 65536 }, (_, bits) => float16Value(bits));
  const halves = column.values;
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) values[i] = table[halves[i]!]!;
  return { ...column, element: 'f32', values };
}
