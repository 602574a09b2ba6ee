import { Keys, Scanner } from './scanner.ts';

export type JsonKind = 'null' | 'boolean' | 'integer' | 'float' | 'string' | 'array' | 'object';

/** One member of an object: its decoded key, and where its value stands in the text. */
export interface Member {
  key: string;
  kind: JsonKind;
  start: number;
  end: number;
}

const scanner = new Scanner();

/**
 * The members of the one object that `text` is, checked at every depth (syntax, duplicate keys, depth 64, integer range,
 * finite floats, lone surrogates) without building values. Throws VdbError `invalid`.
 */
export function members(text: string): Member[] {
  scanner.load(text);
  const found: Member[] = [];
  if (scanner.open(123, 0)) {
    const keys = new Keys();
    do {
      const key = scanner.key(keys);
      const kind = scanner.skip(1);
      found.push({ key, kind, start: scanner.start, end: scanner.end });
    } while (scanner.more(125));
  }
  scanner.finish();
  return found;
}
