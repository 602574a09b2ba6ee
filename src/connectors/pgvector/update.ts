import type { Call, UpdateRequest } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import type { Id } from '../../model/id.ts';
import { members } from '../../model/json/members.ts';
import { jsonColumn, textColumn, writeCopy } from './copyWriter.ts';
import { columnFromJson } from './fieldSql.ts';
import { idsSql, storableId } from './ids.ts';
import { type Layout, tableName } from './layout.ts';
import { identifier } from './quote.ts';
import { recordReader } from './recordReader.ts';
import { type SqlLink, UnexpectedCount } from './sqlLink.ts';
import { encodeMetadata } from './upsert.ts';

const ATTEMPTS = 5;

/**
 * Changes metadata keys and leaves the rest of the records alone. Read, changed and written back only where the row is still
 * the one that was read (its xmin), so that no other writer's change is lost; returns how many records there were.
 */
export async function update(
  link: SqlLink,
  layout: Layout,
  ids: Id[],
  request: UpdateRequest,
  call: Call,
): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(link, layout, ids, request, call);
    } catch (error) {
      if (!(error instanceof UnexpectedCount)) throw error;
      if (attempt === ATTEMPTS) {
        throw new VdbError('busy', 'others keep changing the same records', { outcome: 'not_applied' });
      }
    }
  }
}

async function once(link: SqlLink, layout: Layout, ids: Id[], request: UpdateRequest, call: Call): Promise<number> {
  const reader = recordReader(layout, { vectors: false, metadata: true, document: true });
  const data = await link.copyOut(
    `copy (select ${reader.columns}, t.xmin::text::float8 from ${tableName(layout)} t where ${idsSql(layout, ids)})
      to stdout (format binary)`,
    [],
    call,
  );
  const { batch, numbers } = reader.read(data, 1);
  if (batch.count === 0) return 0;
  const changed = { ...batch, metadata: batch.metadata.map(text => apply(text ?? '{}', request)) };
  const { metadata, fields, used } = encodeMetadata(layout, changed);
  const touched = layout.fields.filter(
    each => used.includes(each) || request.unset.includes(each.column) || each.column in request.set,
  );
  const set = [
    ...(layout.metadata === null ? [] : [`${identifier(layout.metadata)} = s.metadata`]),
    ...touched.map(each => `${identifier(each.column)} = ${columnFromJson(each, 's.fields')}`),
  ];
  if (set.length === 0) return batch.count;
  const columns = [
    textColumn(batch.ids.map(id => storableId(layout, id))),
    textColumn([...numbers[0]!].map(String)),
    jsonColumn(metadata),
    jsonColumn(layout.fields.length > 0 ? fields : metadata),
  ];
  const temp = 'pg_temp.vdb_batch';
  await link.transaction(
    [
      { sql: 'create temp table vdb_batch (id text, version text, metadata jsonb, fields jsonb) on commit drop' },
      { sql: `copy ${temp} from stdin (format binary)`, copyIn: writeCopy(batch.count, columns) },
      {
        sql: `update ${tableName(layout)} t set ${set.join(', ')} from ${temp} s
          where t.${identifier(layout.id.column)} = s.id::${layout.id.type} and t.xmin::text = s.version`,
        expectCount: batch.count,
      },
    ],
    call,
  );
  return batch.count;
}

function apply(text: string, { set, unset }: UpdateRequest): string {
  const kept = members(text)
    .filter(({ key }) => !Object.hasOwn(set, key) && !unset.includes(key))
    .map(({ key, start, end }) => `${JSON.stringify(key)}:${text.slice(start, end)}`);
  const added = Object.entries(set).map(([key, value]) => `${JSON.stringify(key)}:${value}`);
  return `{${[...kept, ...added].join(',')}}`;
}
