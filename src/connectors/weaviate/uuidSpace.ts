import type { JsonValue } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';

/** Objects come in the order of their UUIDs, which as text have the order of their bytes. Both ends belong to the range. */
export interface UuidRange {
  from: string;
  to: string;
}

const SIZE = 2n ** 128n;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
export const WHOLE: UuidRange = { from: text(0n), to: text(SIZE - 1n) };

/** n ranges of one size: random and derived UUIDs are spread evenly. */
export function uuidRanges(n: number): UuidRange[] {
  const count = BigInt(Math.max(1, Math.floor(n)));
  return Array.from({ length: Number(count) }, (_, i) => ({
    from: text((SIZE * BigInt(i)) / count),
    to: text((SIZE * BigInt(i + 1)) / count - 1n),
  }));
}

export function readRange(range: JsonValue | undefined): UuidRange {
  if (range === undefined) return WHOLE;
  const { from, to } = (range ?? {}) as { from?: unknown; to?: unknown };
  if (isUuid(from) && isUuid(to)) return { from, to };
  throw new VdbError('invalid', 'the range is not one of this database', { outcome: 'not_applied' });
}

export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}

/** The UUID before; undefined for the first of all. */
export function before(uuid: string): string | undefined {
  const value = BigInt(`0x${uuid.replaceAll('-', '')}`);
  return value === 0n ? undefined : text(value - 1n);
}

/** The text of a UUID, or the beginning of one, with hyphens in their places. */
function text(value: bigint): string {
  return hyphenated(value.toString(16).padStart(32, '0'));
}

export function hyphenated(hex: string): string {
  const cuts = [8, 12, 16, 20];
  return hex.replace(/./g, (digit, i: number) => (cuts.includes(i) ? `-${digit}` : digit));
}
