import { VdbError } from '../errors.ts';

/** Groups and negations inside one another. */
export const MAX_DEPTH = 64;
/** Values of one `in` list. */
export const MAX_VALUES = 10_000;

const BEFORE = 50;
const WIDTH = 76;

/** A `usage` error whose cause is a picture of two lines: the filter's text, and a caret under position `at`. */
export function syntaxError(text: string, at: number, message: string, hint = "See 'vdb help filters'."): VdbError {
  const lineStart = text.lastIndexOf('\n', at - 1) + 1;
  const nextLine = text.indexOf('\n', at);
  const from = Math.max(lineStart, at - BEFORE);
  const shown = text.slice(from, Math.min(nextLine < 0 ? text.length : nextLine, from + WIDTH)).replace(/[\t\r]/g, ' ');
  const caret = ' '.repeat([...text.slice(from, at)].length);
  return new VdbError('usage', message, { reason: 'syntax', cause: `${shown}\n${caret}^`, hint });
}
