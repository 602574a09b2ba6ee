import { createHash } from 'node:crypto';
import type { CollectionRef, Cursor } from '../../../core/connector.ts';
import { VdbError } from '../../../model/errors.ts';

/** Where a scan continues: behind `after`, and `skip` records further. */
export interface ScanPosition {
  after?: Cursor;
  skip: number;
}

interface Written extends ScanPosition {
  collection: string;
  partition: string;
  where: string;
}

/** The position as text, bound to collection and filter. */
export function writeCursor(
  { collection, partition }: CollectionRef,
  where: string | undefined,
  position: ScanPosition,
): string {
  const written: Written = { collection, partition, where: hashOf(where), ...position };
  return Buffer.from(JSON.stringify(written)).toString('base64url');
}

/** Throws `invalid` for a text that is no cursor, or one of another collection or filter. */
export function readCursor(
  text: string,
  { collection, partition }: CollectionRef,
  where: string | undefined,
): ScanPosition {
  let written: Written;
  try {
    written = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (typeof written.collection !== 'string' || !Number.isSafeInteger(written.skip)) throw new Error('not a cursor');
  } catch {
    throw new VdbError('invalid', 'the cursor is not one that a scan has given', { outcome: 'not_applied' });
  }
  if (written.collection !== collection || written.partition !== partition || written.where !== hashOf(where)) {
    throw new VdbError('invalid', 'the cursor belongs to a scan of another collection or filter', {
      outcome: 'not_applied',
      hint: 'Repeat the scan exactly as it was, with only the cursor added.',
    });
  }
  return written.after === undefined ? { skip: written.skip } : { after: written.after, skip: written.skip };
}

function hashOf(where: string | undefined): string {
  return where === undefined ? '' : createHash('sha256').update(where).digest('base64url').slice(0, 16);
}
