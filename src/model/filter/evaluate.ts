import type { Id } from '../id.ts';
import type { Filter } from './filter.ts';

/** The meaning of a filter, and the oracle for every compiler: compiled once, asked per record. */
export function matcher(_filter: Filter): (id: Id, metadata: string | undefined) => boolean {
  throw new Error('pending');
}
