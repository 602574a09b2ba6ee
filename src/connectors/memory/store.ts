import type { CollectionSpec } from '../../model/collection.ts';
import { VdbError } from '../../model/errors.ts';
import type { RecordBatch } from '../../model/record.ts';

export interface Collection {
  spec: CollectionSpec;
  /** A batch of one record for each id, by the id's key, in the order of first writing. */
  rows: Map<string, RecordBatch>;
}

/** The collections of one database by name. */
export type Store = Map<string, Collection>;

/** By path. They outlive their connections, as files would, but not the process. */
const stores = new Map<string, Store>();

export function openStore(path: string): Store {
  const store = stores.get(path) ?? new Map();
  stores.set(path, store);
  return store;
}

export function forgetStore(path: string): void {
  stores.delete(path);
}

/** Throws `not_found`. */
export function collectionOf(store: Store, name: string): Collection {
  const collection = store.get(name);
  if (!collection) throw new VdbError('not_found', `there is no collection '${name}'`);
  return collection;
}
