import type { CollectionSpec } from '../../model/collection.ts';
import { VdbError } from '../../model/errors.ts';
import type { Store } from './store.ts';

export const NAME_BYTES = 63;

/** Throws `exists`, `invalid`. */
export function create(store: Store, spec: CollectionSpec): void {
  if (store.has(spec.name)) throw new VdbError('exists', `collection '${spec.name}' exists`);
  if (Buffer.byteLength(spec.name) > NAME_BYTES) {
    throw new VdbError('invalid', `the name is longer than ${NAME_BYTES} bytes`);
  }
  store.set(spec.name, { spec: structuredClone(spec), rows: new Map() });
}
