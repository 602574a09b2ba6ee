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

/** The f16 nearest to a number (ties to even), as a number; beyond f16 an infinity. */
export function roundToHalf(value: number): number {
  const size = Math.abs(value);
  if (size >= 65520) return Math.sign(value) * Number.POSITIVE_INFINITY;
  // Below 2^-14 the step is fixed; above, eleven significant bits are kept.
  const step = size < 2 ** -14 ? 2 ** -24 : 2 ** (Math.floor(Math.log2(size)) - 10);
  const scaled = value / step;
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  const up = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0);
  const rounded = (floor + (up ? 1 : 0)) * step;
  return rounded === 0 ? value * 0 : rounded;
}
