/**
 * JSON that keeps what JSON.parse loses. A number token with `.`, `e` or `E` is a binary64 float (a number here);
 * any other is an integer in -2^63 … 2^64-1 (a bigint). So 1 and 1.0 differ and -0.0 is a value.
 * Objects are Maps: any key is a key, `__proto__` and '' included.
 */
export type Exact = null | boolean | string | bigint | number | Exact[] | Map<string, Exact>;

/** Throws VdbError `invalid` (reasons syntax, integer_range, duplicate_key, not_finite); depth at most 64; lone surrogates refused. */
export function parseExact(_text: string): Exact {
  throw new Error('pending');
}

/** Text that parses back to an equal value: floats always hold `.`, `e` or `E`, -0 is `-0.0`. */
export function printExact(_value: Exact): string {
  throw new Error('pending');
}
