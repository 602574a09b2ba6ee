import { isUtf8 } from 'node:buffer';
import { VdbError } from '../../model/errors.ts';

/** Longest line or element: what one call may carry (4 MiB), less room for its envelope. */
export const LONGEST_TEXT_BYTES = 4 * 1024 * 1024 - 64 * 1024;

/** The JSON text of one record and where it stood: line of the file, or element of the array, from 1. */
export interface RecordText {
  text: string;
  bytes: number;
  number: number;
}

/** Text of the bytes. Throws `invalid` when they are too many or not UTF-8; `place` names them: `line 7`. */
export function recordText(bytes: Buffer, number: number, place: string): RecordText {
  checkLength(bytes.length, number, place);
  if (!isUtf8(bytes)) {
    throw new VdbError('invalid', `${place} is not UTF-8 text`, { reason: 'syntax', data: { line: number } });
  }
  return { text: bytes.toString('utf8'), bytes: bytes.length, number };
}

export function checkLength(bytes: number, number: number, place: string): void {
  if (bytes <= LONGEST_TEXT_BYTES) return;
  throw new VdbError('invalid', `${place} is longer than ${LONGEST_TEXT_BYTES} bytes`, {
    reason: 'too_large',
    data: { line: number },
  });
}
