import type { CollectionInfo, VectorSpec } from '../../model/collection.ts';
import type { CommandContext } from '../context.ts';

/** Columns of collections in tables and CSV. */
export const COLLECTION_FIELDS = ['name', 'count', 'countExact', 'vectors'];

/** A collection with its vectors and fields as words, when a person reads it in a table. */
export function shown(info: CollectionInfo, { output, flags }: CommandContext): object {
  if (!output.forPeople || flags.fields) return info;
  return {
    ...info,
    vectors: info.vectors.map(vectorText),
    fields: info.fields.map(({ name, type }) => `${name} ${type}`),
  };
}

/** `768 cosine`, `title 384 dot`, `words sparse` */
function vectorText({ name, kind, dimension, metric, element }: VectorSpec): string {
  const parts = [name, kind === 'dense' ? '' : kind, dimension, element === 'f32' ? '' : element, metric];
  return parts.filter(part => part !== '' && part !== null).join(' ');
}
