import { VdbError } from '../model/errors.ts';

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `500ms`, `30s`, `5m`, `1h`, or seconds without a unit → milliseconds. Throws `usage`. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
  const value = match ? Math.round(Number(match[1]) * UNITS[match[2] ?? 's']!) : 0;
  if (value > 0 && value <= 0x7fffffff) return value;
  throw new VdbError('usage', `'${text}' is not a duration`, { hint: 'Write it as 500ms, 30s, 5m or 1h.' });
}
