import { VdbError } from '../../model/errors.ts';
import { type DenseColumn, isPresent, type RecordBatch } from '../../model/record.ts';
import { isBeyond, keyOf } from './ids.ts';
import { type Layout, MARK } from './layout.ts';
import { noProperties, type Properties, storeMetadata } from './storedMetadata.ts';

export interface WriteRow {
  /** Value of the key property. */
  id: string | bigint;
  /** All properties that the node is to have, the key among them. */
  properties: Properties;
}

/** The records of a batch as the properties of nodes. Vectors stay float32 arrays, which the driver sends as lists of exact floats. */
export function writeRows(layout: Layout, batch: RecordBatch): WriteRow[] {
  const vectors = batch.vectors.map(column => {
    const vector = layout.vectors.find(each => each.name === column.name);
    if (vector === undefined || column.kind !== 'dense') {
      throw new VdbError('invalid', `the label ${layout.label} has no ${column.kind} vector '${column.name}'`, {
        outcome: 'not_applied',
      });
    }
    return { property: vector.property, column: column as DenseColumn };
  });
  return batch.ids.map((id, row) => {
    const properties = noProperties();
    const key = keyOf(id);
    storeMetadata(layout, batch.metadata[row], batch.uris?.[row], properties);
    if (layout.key !== null) properties[layout.key.property] = key;
    if (isBeyond(id)) properties[MARK] = `i:${id}`;
    const document = batch.documents?.[row];
    if (document !== undefined) properties[layout.document] = document;
    for (const { property, column } of vectors) {
      if (!isPresent(column, row)) continue;
      properties[property] = column.values.subarray(row * column.dimension, (row + 1) * column.dimension);
    }
    return { id: key, properties };
  });
}
