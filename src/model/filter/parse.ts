import type { Filter } from './filter.ts';

/** Either spelling: a first `{` selects JSON. Throws VdbError `usage` (reason syntax) with a caret line in `details.cause`. */
export function parseFilter(_text: string): Filter {
  throw new Error('pending');
}
