/** Words that mean something in the infix spelling, in any case; a field of such a name is written in backticks. */
export const KEYWORDS: ReadonlySet<string> = new Set([
  'and',
  'or',
  'not',
  'in',
  'has',
  'exists',
  'is',
  'null',
  'true',
  'false',
]);

/** Unquoted and alone, the record's id instead of a metadata field. */
export const ID_WORD = 'id';
