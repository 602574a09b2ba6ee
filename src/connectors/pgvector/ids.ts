import { VdbError } from '../../model/errors.ts';
import { type Id, idKind } from '../../model/id.ts';
import { column, type Layout } from './layout.ts';
import { literal, literalArray } from './quote.ts';

/** A B-tree entry holds at most 2,704 bytes (54000 beyond); the rest of it is not ours to count on. */
export const ID_BYTES = 2_600;

/** An id as the text of its column; undefined when no row of the collection can have it. */
export function idText(layout: Layout, id: Id): string | undefined {
  if (layout.id.kind === 'text') return typeof id === 'bigint' || !id.includes('\0') ? String(id) : undefined;
  if (layout.id.kind === 'uuid') return idKind(id) === 'uuid' ? String(id) : undefined;
  return typeof id === 'bigint' && id >= -(2n ** 63n) && id < 2n ** 63n ? String(id) : undefined;
}

/** The same for writing. Throws `invalid`. */
export function storableId(layout: Layout, id: Id): string {
  const text = idText(layout, id);
  if (text !== undefined && Buffer.byteLength(text) <= ID_BYTES) return text;
  const shown = JSON.stringify(String(id).slice(0, 40));
  if (text !== undefined) {
    throw new VdbError('invalid', `the id ${shown} is longer than ${ID_BYTES} bytes`, {
      reason: 'too_large',
      outcome: 'not_applied',
    });
  }
  const integerRange = layout.id.kind === 'integer' && typeof id === 'bigint';
  const why = layout.id.kind === 'text' ? 'holds NUL' : `is not of the type ${layout.id.type} of its column`;
  throw new VdbError('invalid', `the id ${shown} ${why}`, {
    ...(integerRange && { reason: 'integer_range' as const }),
    outcome: 'not_applied',
  });
}

/** The id of a row: its text, and what `_vdb_id` says beside it. */
export function idOf(layout: Layout, text: string, mark: string | undefined): Id {
  return layout.id.kind === 'integer' || mark === `i:${text}` ? BigInt(text) : text;
}

/** Text ids that are integers are told from text of the same digits by their mark. */
function markSql(layout: Layout): string | null {
  if (layout.id.kind !== 'text' || layout.metadata === null) return null;
  return `${column(layout.metadata)} ->> '_vdb_id'`;
}

/** True for the rows whose id is one of these. */
export function idsSql(layout: Layout, ids: Id[]): string {
  const mark = markSql(layout);
  if (mark === null && layout.id.kind === 'text')
    return anyOf(
      layout,
      ids.filter(id => typeof id === 'string'),
    );
  if (mark === null) return anyOf(layout, ids);
  const integers = ids.filter(id => typeof id === 'bigint');
  const texts = ids.filter(id => typeof id === 'string');
  const parts: string[] = [];
  if (texts.length > 0) {
    const digits = texts.some(id => /^-?\d+$/.test(id));
    // Only digits can be the text of an integer.
    parts.push(
      digits
        ? `(${anyOf(layout, texts)} and ${mark} is distinct from 'i:' || ${idAsText(layout)})`
        : anyOf(layout, texts),
    );
  }
  if (integers.length > 0) parts.push(`(${anyOf(layout, integers)} and ${mark} = 'i:' || ${idAsText(layout)})`);
  return parts.length === 0 ? 'false' : `(${parts.join(' or ')})`;
}

function anyOf(layout: Layout, ids: Id[]): string {
  const texts = ids.map(id => idText(layout, id)).filter(text => text !== undefined);
  if (texts.length === 0) return 'false';
  const name = column(layout.id.column);
  if (layout.id.kind === 'integer') return `${name} = any(${literalArray(texts)}::bigint[])`;
  return `${name} = any(${literalArray(texts)}::${layout.id.type}[])`;
}

export function idAsText(layout: Layout): string {
  return `${column(layout.id.column)}::text`;
}

/** Rows behind the one with this id, in the order of the id's index. */
export function behindSql(layout: Layout, text: string): string {
  return `${column(layout.id.column)} > ${literal(text)}::${layout.id.type}`;
}
