/** A scalar of the filter language. A bigint was written without `.`, `e` or `E`; a number with one. */
export type FilterValue = string | bigint | number | boolean | { date: string };

/** Segments of a field path: `a.b` is ['a','b'], `` `a.b` `` is ['a.b']. */
export type FieldPath = string[];

/**
 * The one filter tree. Two-valued: a predicate on a missing or null field is false, NOT is complement.
 * Scalars of an array match if any element does, one level deep. Numbers compare by exact value, strings by
 * code point; unlike types never match. `!=` and `not in` are parsed into `not`.
 */
export type Filter =
  | { op: 'and' | 'or'; args: Filter[] }
  | { op: 'not'; arg: Filter }
  | { op: 'eq' | 'lt' | 'lte' | 'gt' | 'gte'; field: FieldPath; value: FilterValue }
  | { op: 'in'; field: FieldPath; values: FilterValue[] }
  /** An array holds the value; false on scalars. */
  | { op: 'has'; field: FieldPath; value: FilterValue }
  /** Present and not null. */
  | { op: 'exists'; field: FieldPath }
  /** Case-sensitive substring of a string (or of a string in an array). */
  | { op: 'contains'; field: FieldPath; value: string }
  | { op: 'ids'; ids: (string | bigint)[] };

export type FilterOperator = Filter['op'];
