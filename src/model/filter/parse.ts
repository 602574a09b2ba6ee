import type { Filter } from './filter.ts';
import { parseInfix } from './parseInfix.ts';
import { parseJson } from './parseJson.ts';
import { syntaxError } from './syntax.ts';

/** Either spelling: a first `{` selects JSON. Throws VdbError `usage` (reason syntax) with a caret line in `details.cause`. */
export function parseFilter(text: string): Filter {
  const start = text.trimStart();
  if (start === '') throw syntaxError(text, 0, 'the filter is empty', 'An empty filter never means all records.');
  return start.startsWith('{') ? parseJson(text) : parseInfix(text);
}
