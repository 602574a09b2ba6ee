import { VdbError } from '../model/errors.ts';

/** Throws `usage` unless the text is a whole number from 1 to 2^53 - 1. */
export function positiveInteger(text: string): number {
  const value = wholeNumber(text);
  if (value > 0) return value;
  throw new VdbError('usage', `'${text}' is not a whole number above 0`);
}

/** Throws `usage` unless the text is a whole number from 0 to 2^53 - 1. */
export function wholeNumber(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new VdbError('usage', `'${text}' is not a whole number`);
}

export function finiteNumber(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw new VdbError('usage', `'${text}' is not a number`);
}
