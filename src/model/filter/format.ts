import type { Filter } from './filter.ts';

/** The infix spelling; parseFilter reads it back to an equal tree. */
export function formatFilter(_filter: Filter): string {
  throw new Error('pending');
}
