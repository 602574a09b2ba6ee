/** What JSON can say; a number is a binary64 float. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };
