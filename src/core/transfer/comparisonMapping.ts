import type { CollectionInfo } from '../../model/collection.ts';
import type { Mapping, VectorMapping } from './mapping.ts';

/**
 * How two collections are read so that they can be compared without a job that says it: where each has a sole vector, these
 * are compared whatever they are called; f16 and u8 are widened to f32 where the other side has that.
 */
export function comparisonMapping(
  source: CollectionInfo,
  target: CollectionInfo,
  partition: string | null,
): { source: Mapping; target: Mapping } {
  const sole = source.vectors.length === 1 && target.vectors.length === 1;
  const vectors = source.vectors.map(({ name, element }): VectorMapping => {
    const to = sole ? target.vectors[0]!.name : name;
    return { from: name, to, widen: isOther(target, to, element) };
  });
  const mapping = { rename: {}, vectors, partition };
  return { source: mapping, target: targetReading(source, target, mapping) };
}

/** How the target is read so that its elements are those of the mapped source. */
export function targetReading(source: CollectionInfo, target: CollectionInfo, mapping: Mapping): Mapping {
  const vectors = target.vectors.map(({ name, element }): VectorMapping => {
    const from = mapping.vectors.find(({ to }) => to === name);
    const spec = source.vectors.find(vector => vector.name === from?.from);
    const arrives = from?.widen ? 'f32' : spec?.element;
    return { from: name, to: name, widen: arrives !== undefined && arrives !== element };
  });
  return { rename: {}, vectors, partition: null };
}

function isOther({ vectors }: CollectionInfo, name: string, element: string): boolean {
  const other = vectors.find(vector => vector.name === name);
  return other !== undefined && other.element !== element;
}
