import { createHash } from 'node:crypto';
import type { Cursor } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';

/** So many of the records that came last are known again; 8 hexadecimal digits each keep a cursor below 400 bytes. */
const REMEMBERED = 32;
const DIGITS = 8;

/**
 * A place in the collection's order, which is that of insertion: how many records came before it, and marks of the last of
 * them. Records are only ever added at the end, so removals, of which an overwrite is one, move the place towards the beginning.
 */
export interface ScanPlace {
  offset: number;
  /** Marks of ids, the last one last. */
  marks: string[];
}

export const START: ScanPlace = { offset: 0, marks: [] };

export function markOf(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, DIGITS);
}

/** The place behind these records, which follow `place`. */
export function behind(place: ScanPlace, ids: string[]): ScanPlace {
  const marks = [...place.marks, ...ids.slice(-REMEMBERED).map(markOf)].slice(-REMEMBERED);
  return { offset: place.offset + ids.length, marks };
}

export function cursorOf({ offset, marks }: ScanPlace): Cursor {
  return { offset, marks: marks.join('') };
}

/** Throws `invalid` for what `cursorOf` did not make. */
export function placeOfCursor(cursor: Cursor): ScanPlace {
  const { offset, marks } = (cursor ?? {}) as { offset?: unknown; marks?: unknown };
  if (!Number.isSafeInteger(offset) || typeof marks !== 'string' || !/^([0-9a-f]{8})*$/.test(marks)) {
    throw new VdbError('invalid', 'the cursor is not one of this database', { outcome: 'not_applied' });
  }
  return { offset: offset as number, marks: marks.match(/.{8}/g) ?? [] };
}
