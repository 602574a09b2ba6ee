import type { Call, JsonValue } from '../../core/connector.ts';
import { commentSql } from './createTable.ts';
import { vectorIndexes } from './indexes.ts';
import type { Mark } from './introspect.ts';
import { type Layout, tableName } from './layout.ts';
import { identifier } from './quote.ts';
import type { SqlLink } from './sqlLink.ts';

/**
 * Drops the vector indexes of a table of ours, since each would make a load many times slower (684 against 64,600 rows/s).
 * Their definitions go into the table's comment in the same transaction, so that they are not lost when vdb dies before the
 * caller has written down what this returns. Tables of others keep their indexes: someone else's queries live on them.
 */
export async function dropIndexes(link: SqlLink, layout: Layout, mark: Mark | null, call: Call): Promise<JsonValue> {
  if (mark === null) return { indexes: {} };
  const found = await vectorIndexes(link, layout, call);
  const dropped = { ...mark.dropped, ...Object.fromEntries(found.map(index => [index.name, index.definition])) };
  if (found.length > 0) {
    await link.transaction(
      [
        { sql: commentSql(tableName(layout), { ...mark, dropped }) },
        ...found.map(index => ({ sql: `drop index ${identifier(layout.schema)}.${identifier(index.name)}` })),
      ],
      call,
    );
  }
  return { indexes: dropped };
}

/** Makes the dropped indexes again, those that are not there. */
export async function restoreIndexes(
  link: SqlLink,
  layout: Layout,
  mark: Mark | null,
  restore: JsonValue,
  call: Call,
): Promise<void> {
  const { indexes } = restore as { indexes: Record<string, string> };
  const dropped = { ...indexes, ...mark?.dropped };
  const there = new Set((await vectorIndexes(link, layout, call)).map(index => index.name));
  for (const [name, definition] of Object.entries(dropped)) {
    if (!there.has(name)) await link.query(definition, [], call);
  }
  if (mark?.dropped === undefined) return;
  const { dropped: _, ...rest } = mark;
  await link.query(commentSql(tableName(layout), rest), [], call);
}
