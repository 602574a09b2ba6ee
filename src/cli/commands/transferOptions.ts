import { VdbError } from '../../model/errors.ts';
import type { VerifyLevel } from '../../protocol/methods/transfer.ts';
import type { OptionSpec } from '../command.ts';
import { positiveInteger } from '../numbers.ts';

export const PROGRESS: OptionSpec = {
  flags: '--progress <how>',
  help: 'auto, json (lines on stderr for machines) or none',
  choices: ['auto', 'json', 'none'],
};

/** How fast a transfer may go; none of it changes what is written. */
export const PACE: readonly OptionSpec[] = [
  { flags: '--batch-bytes <n>', help: 'bytes a batch, 4194304 by default', parse: positiveInteger },
  { flags: '--concurrency <n>', help: 'batches written at a time', parse: positiveInteger },
  { flags: '--rate <n>', help: 'records a second at most', parse: positiveInteger },
];

export function verifyLevel(text: string): VerifyLevel {
  if (text === 'none' || text === 'count' || text === 'full') return text;
  const size = /^sample:([1-9]\d{0,9})$/.exec(text)?.[1];
  if (size !== undefined) return `sample:${Number(size)}`;
  throw new VdbError('usage', `'${text}' is no level of verification`, { hint: 'Use none, count, sample:N or full.' });
}

/** Levels of a comparison asked for by itself, where `none` would compare nothing. */
export function comparisonLevel(text: string): VerifyLevel {
  if (text !== 'none') return verifyLevel(text);
  throw new VdbError('usage', "'none' is no level of comparison", { hint: 'Use count, sample:N or full.' });
}
