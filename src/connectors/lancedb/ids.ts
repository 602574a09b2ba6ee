import type { Table } from '@lancedb/lancedb';
import { VdbError } from '../../model/errors.ts';
import type { Id } from '../../model/id.ts';
import { ID, ID_KIND, type Layout, requireId } from './layout.ts';
import { certain, column, integer, text } from './sql.ts';

/** Ids in one condition; more make the parser slow. */
export const IDS_PER_QUERY = 1000;

/** The condition that holds for the rows of these ids, null when there can be none. Integers and text of the same digits differ. */
export function idsCondition(layout: Layout, ids: readonly Id[]): string | null {
  if (requireId(layout) === 'integer') {
    return inList(ids.filter(id => typeof id === 'bigint' && inInt64(id)).map(id => integer(id as bigint)));
  }
  const texts = inList(ids.filter(id => typeof id === 'string').map(id => text(id as string)));
  if (!layout.marksIntegers) return texts;
  const integers = inList(ids.filter(id => typeof id === 'bigint').map(id => text(String(id))));
  const parts = [
    ...(texts ? [`(${texts} AND ${column(ID_KIND)} IS NULL)`] : []),
    ...(integers ? [`(${integers} AND ${column(ID_KIND)} IS NOT NULL)`] : []),
  ];
  return parts.length === 0 ? null : `(${parts.join(' OR ')})`;
}

function inList(literals: string[]): string | null {
  return literals.length === 0 ? null : certain(`${column(ID)} IN (${literals.join(',')})`);
}

function inInt64(id: bigint): boolean {
  return BigInt.asIntN(64, id) === id;
}

/** Text that an integer id would be stored as. */
const DIGITS = /^(0|-?[1-9][0-9]*)$/;

export function hasDigitText(ids: readonly Id[]): boolean {
  return ids.some(id => typeof id === 'string' && DIGITS.test(id));
}

/** Whether the table holds text ids that an integer could collide with; a scan of the id column. */
export async function holdsDigitText({ table, layout }: { table: Table; layout: Layout }): Promise<boolean> {
  const isText = layout.marksIntegers ? ` AND ${column(ID_KIND)} IS NULL` : '';
  return (await table.countRows(`${certain(`regexp_like(${column(ID)}, '${DIGITS.source}')`)}${isText}`)) > 0;
}

/** Throws `invalid` when the table cannot hold one of the ids: text in a table of integers, or an integer beyond 64 bits there. */
export function checkIdKinds(layout: Layout, ids: readonly Id[]): void {
  if (requireId(layout) === 'text') return;
  const wrong = ids.find(id => typeof id === 'string' || !inInt64(id));
  if (wrong === undefined) return;
  throw new VdbError(
    'invalid',
    `the id ${show(wrong)} does not fit the integer column 'id' of table '${layout.table}'`,
    {
      outcome: 'not_applied',
    },
  );
}

/** Throws `duplicate_id` when an integer and text of the same digits would meet, in the batch or with what is stored. */
export async function checkSameDigits(table: Table, layout: Layout, ids: readonly Id[]): Promise<void> {
  const texts = new Set(ids.filter(id => typeof id === 'string'));
  const integers = ids.filter(id => typeof id === 'bigint');
  const both = integers.find(id => texts.has(String(id)));
  if (both !== undefined) throw sameDigits(layout, String(both));
  const opposite: Id[] = [
    ...integers.map(String),
    ...(layout.marksIntegers ? [...texts].filter(id => DIGITS.test(id)).map(BigInt) : []),
  ];
  for (let i = 0; i < opposite.length; i += IDS_PER_QUERY) {
    const condition = idsCondition(layout, opposite.slice(i, i + IDS_PER_QUERY));
    if (condition === null) continue;
    const [row] = await table.query().where(condition).select([ID]).limit(1).toArray();
    if (row) throw sameDigits(layout, (row as { id: string }).id);
  }
}

function sameDigits(layout: Layout, digits: string): VdbError {
  return new VdbError(
    'invalid',
    `table '${layout.table}' cannot hold both the integer id ${digits} and the text id "${digits}"`,
    {
      reason: 'duplicate_id',
      outcome: 'not_applied',
      hint: 'Ids are kept as text here; give one of the two another id.',
    },
  );
}

export function show(id: Id): string {
  return typeof id === 'bigint' ? String(id) : JSON.stringify(id);
}
