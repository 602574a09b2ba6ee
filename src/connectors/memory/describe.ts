import type { CollectionInfo } from '../../model/collection.ts';
import type { Collection } from './store.ts';

export function describe({ spec, rows }: Collection): CollectionInfo {
  return {
    name: spec.name,
    partition: null,
    count: rows.size,
    countExact: true,
    vectors: spec.vectors,
    fields: [],
    index: {},
  };
}
