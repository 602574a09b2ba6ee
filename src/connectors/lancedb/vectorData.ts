import type { Data, FixedSizeList } from 'apache-arrow';
import { isPresent, type VectorColumn } from '../../model/record.ts';
import { arrow } from './arrow.ts';
import type { VectorField } from './layout.ts';
import { vectorType } from './vectorNote.ts';

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
