export type JsonKind = 'null' | 'boolean' | 'integer' | 'float' | 'string' | 'array' | 'object';

/** One member of an object: its decoded key, and where its value stands in the text. */
export interface Member {
  key: string;
  kind: JsonKind;
  start: number;
  end: number;
}

/**
 * The members of the one object that `text` is, checked at every depth (syntax, duplicate keys, depth 64, integer range,
 * finite floats, lone surrogates) without building values. Throws VdbError `invalid`.
 */
export function members(_text: string): Member[] {
  throw new Error('pending');
}
