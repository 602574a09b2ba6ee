import { createHash } from 'node:crypto';
import type { Call, Cursor } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import { behindSql } from './ids.ts';
import { column, type Layout, tableName } from './layout.ts';
import { literal } from './quote.ts';
import type { SqlLink } from './sqlLink.ts';

/** A cursor is at most 1 KiB of JSON, an id up to 2,600 bytes, each of which JSON may spell in six. */
const LONGEST = 160;

/** The place behind the row with this id: the id itself, or the beginning of a long one and its MD5. */
export function cursorAt(id: string): Cursor {
  if (id.length <= LONGEST) return { id };
  return {
    begin: id.slice(0, LONGEST).replace(/[\ud800-\udbff]$/, ''),
    md5: createHash('md5').update(id).digest('hex'),
  };
}

/**
 * The id that a scan continues behind. When the row of a long one is gone, the ids with the same beginning come once more:
 * rather twice than never.
 */
export async function resolveCursor(link: SqlLink, layout: Layout, cursor: Cursor, call: Call): Promise<string> {
  const { id, begin, md5 } = (cursor ?? {}) as { id?: unknown; begin?: unknown; md5?: unknown };
  if (typeof id === 'string') return id;
  if (typeof begin !== 'string' || typeof md5 !== 'string') {
    throw new VdbError('invalid', 'the cursor is not one of this database', { outcome: 'not_applied' });
  }
  const text = `${column(layout.id.column)}::text`;
  const { rows } = await link.query(
    `select ${text} from ${tableName(layout)} t where ${behindSql(layout, begin)}
      and starts_with(${text}, ${literal(begin)}) and md5(${text}) = ${literal(md5)}`,
    [],
    call,
  );
  return rows[0]?.[0] ?? begin;
}
