import type { Call } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import type { Id } from '../../model/id.ts';
import { type Member, members } from '../../model/json/members.ts';
import type { RecordBatch } from '../../model/record.ts';
import { jsonColumn, textColumn, vectorColumn, writeCopy } from './copyWriter.ts';
import { fits } from './fieldFit.ts';
import { columnFromJson } from './fieldSql.ts';
import { idsSql, storableId } from './ids.ts';
import { anyDimension, type FieldColumn, type Layout, tableName } from './layout.ts';
import { identifier } from './quote.ts';
import { type SqlLink, type SqlStep, UnexpectedCount } from './sqlLink.ts';
import { toStored, withoutNul } from './storedMetadata.ts';

/** The dimension of sparse vectors that have none (SPARSEVEC_MAX_DIM of pgvector 0.8). */
export const SPARSE_DIMENSION = 1_000_000_000;

/** Writes a batch: straight into the table when all ids are `absent`, else through a temporary table in one transaction. */
export async function upsert(
  link: SqlLink,
  layout: Layout,
  batch: RecordBatch,
  absent: boolean,
  call: Call,
): Promise<void> {
  if (batch.count === 0) return;
  checkVectors(layout, batch);
  const rows = encode(layout, batch);
  const direct = absent && layout.fields.length === 0 && layout.id.kind === 'text' && layout.id.type === 'text';
  try {
    await link.transaction(direct ? copySteps(layout, rows) : mergeSteps(layout, rows, batch.count), call);
  } catch (error) {
    const clash = error instanceof UnexpectedCount || (error as { code?: unknown }).code === '23505';
    if (clash) await refuseSameText(link, layout, batch, call);
    throw error;
  }
}

interface Rows {
  data: Uint8Array<ArrayBuffer>;
  /** Names and types of what is in `data`, in order; `of` is the table's column, null for the fields. */
  columns: { name: string; type: string; of: string | null }[];
  /** Ordinary columns that some record has a value for. */
  fields: FieldColumn[];
}

function encode(layout: Layout, batch: RecordBatch): Rows {
  const ids = batch.ids.map(id => storableId(layout, id));
  refuseTwice(batch, ids);
  const columns: Rows['columns'] = [{ name: 'id', type: 'text', of: layout.id.column }];
  const data = [textColumn(ids)];
  for (const [index, vector] of layout.vectors.entries()) {
    columns.push({ name: `v${index}`, type: anyDimension(vector.type), of: vector.column });
    data.push(vectorColumn(batch, vector.name, vector.dimension ?? SPARSE_DIMENSION, vector.elementType));
  }
  const { metadata, fields, used } = encodeMetadata(layout, batch);
  if (layout.document !== null) {
    columns.push({ name: 'document', type: 'text', of: layout.document });
    data.push(textColumn(batch.documents?.map(text => (text === undefined ? undefined : withoutNul(text)))));
  }
  if (layout.metadata !== null) {
    columns.push({ name: 'metadata', type: 'jsonb', of: layout.metadata });
    data.push(jsonColumn(metadata));
  }
  if (used.length > 0) {
    columns.push({ name: 'fields', type: 'jsonb', of: null });
    data.push(jsonColumn(fields));
  }
  return { data: writeCopy(batch.count, data), columns, fields: used };
}

/** Metadata as stored: `metadata` for the jsonb column, `fields` for ordinary columns, of which `used` get a value in some row. */
export function encodeMetadata(layout: Layout, batch: RecordBatch) {
  const metadata: string[] = new Array(batch.count);
  const fields: string[] = layout.fields.length > 0 ? new Array(batch.count) : [];
  const used = new Set<FieldColumn>();
  for (let row = 0; row < batch.count; row++) {
    let text = batch.metadata[row];
    if (layout.fields.length > 0) {
      const parts = divide(layout, text ?? '{}', used);
      fields[row] = toStored(parts.fields, { id: undefined, uri: undefined, document: undefined });
      text = parts.rest;
    }
    const id = batch.ids[row]!;
    const document = batch.documents?.[row];
    const uri = batch.uris?.[row];
    const homeless = document !== undefined && (layout.document === null || document.includes('\0'));
    metadata[row] = toStored(text, {
      id: layout.id.kind === 'text' ? id : undefined,
      uri,
      document: homeless ? document : undefined,
    });
    if (layout.metadata === null && metadata[row] !== '{}') refuseHomeless(layout, batch, row, text);
  }
  return { metadata, fields, used: [...used] };
}

/** What goes into ordinary columns, and what is left for jsonb. */
function divide(layout: Layout, text: string, used: Set<FieldColumn>): { fields: string; rest: string } {
  const inColumns: string[] = [];
  const rest: string[] = [];
  for (const member of members(text)) {
    const value = text.slice(member.start, member.end);
    const field = layout.fields.find(each => each.column === member.key);
    const takes = field !== undefined && fits(field, member.kind, value);
    if (takes) used.add(field);
    (takes ? inColumns : rest).push(`${JSON.stringify(member.key)}:${value}`);
  }
  return { fields: `{${inColumns.join(',')}}`, rest: `{${rest.join(',')}}` };
}

/** Never drops a key in silence: a table without a jsonb column takes only what its columns can hold. */
function refuseHomeless(layout: Layout, batch: RecordBatch, row: number, rest: string | undefined): void {
  const id = JSON.stringify(String(batch.ids[row]));
  const left: Member[] = members(rest ?? '{}');
  const what =
    left.length > 0
      ? `the metadata key '${left[0]!.key}' (${left[0]!.kind})`
      : batch.uris?.[row] !== undefined
        ? 'a uri'
        : batch.documents?.[row] !== undefined
          ? 'its document'
          : 'an integer id';
  throw new VdbError('invalid', `record ${id} has ${what}, for which ${layout.schema}.${layout.table} has no place`, {
    outcome: 'not_applied',
    hint: 'Add a jsonb column, which takes whatever has no column of its own.',
  });
}

function checkVectors(layout: Layout, batch: RecordBatch): void {
  for (const { name, kind } of batch.vectors) {
    const vector = layout.vectors.find(each => each.name === name);
    if (vector !== undefined && vector.kind === kind) continue;
    const shown = name === '' ? 'an unnamed' : `a`;
    throw new VdbError(
      'invalid',
      `${layout.schema}.${layout.table} has no ${kind} column for ${shown} vector${name === '' ? '' : ` '${name}'`}`,
      {
        outcome: 'not_applied',
        hint: `Its vectors are: ${layout.vectors.map(each => each.name || '(unnamed)').join(', ') || 'none'}.`,
      },
    );
  }
}

/** One text would be one row: an integer and the text of the same digits cannot both be in a text column. */
function refuseTwice(batch: RecordBatch, ids: string[]): void {
  if (!batch.ids.some(id => typeof id === 'bigint')) return;
  const seen = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) throw sameText([id]);
    seen.add(id);
  }
}

function sameText(ids: string[]): VdbError {
  return new VdbError('invalid', `the id ${ids[0]} stands for an integer and for text in one collection`, {
    reason: 'duplicate_id',
    outcome: 'not_applied',
    data: { ids: ids.slice(0, 100) },
  });
}

/** After a clash: names the ids that are stored as the other kind. */
async function refuseSameText(link: SqlLink, layout: Layout, batch: RecordBatch, call: Call): Promise<void> {
  const others = batch.ids.flatMap((id): Id[] => {
    if (typeof id === 'bigint') return [String(id)];
    return /^(0|-?[1-9]\d{0,19})$/.test(id) ? [BigInt(id)] : [];
  });
  const sql = `select t.${identifier(layout.id.column)}::text from ${tableName(layout)} t where ${idsSql(layout, others)}`;
  const { rows } = await link.query(sql, [], call);
  if (rows.length > 0) throw sameText(rows.map(row => row[0]!));
}

function copySteps(layout: Layout, rows: Rows): SqlStep[] {
  const columns = rows.columns.map(each => identifier(each.of!)).join(', ');
  return [{ sql: `copy ${tableName(layout)} (${columns}) from stdin (format binary)`, copyIn: rows.data }];
}

function mergeSteps(layout: Layout, rows: Rows, count: number): SqlStep[] {
  const temp = 'pg_temp.vdb_batch';
  const columns = rows.columns.filter(each => each.of !== null);
  const targets = [...columns.map(each => each.of!), ...rows.fields.map(each => each.column)].map(identifier);
  const values = [
    ...columns.map(each => (each.name === 'id' ? `s.id::${layout.id.type}` : `s.${each.name}`)),
    ...rows.fields.map(each => columnFromJson(each, 's.fields')),
  ];
  const replaced = targets.slice(1).map(name => `${name} = excluded.${name}`);
  // Whole records are replaced: a column that this batch says nothing of goes back to what a new row has.
  const absent = layout.fields.filter(each => !rows.fields.includes(each));
  replaced.push(...absent.map(each => `${identifier(each.column)} = default`));
  const same =
    layout.id.kind === 'text' && layout.metadata !== null
      ? ` where t.${identifier(layout.metadata)} ->> '_vdb_id' is not distinct from excluded.${identifier(layout.metadata)} ->> '_vdb_id'`
      : '';
  const action = replaced.length === 0 ? 'nothing' : `update set ${replaced.join(', ')}${same}`;
  return [
    {
      sql: `create temp table vdb_batch (${rows.columns.map(each => `${each.name} ${each.type}`).join(', ')}) on commit drop`,
    },
    { sql: `copy ${temp} from stdin (format binary)`, copyIn: rows.data },
    {
      sql: `insert into ${tableName(layout)} as t (${targets.join(', ')}) overriding system value select ${values.join(', ')} from ${temp} s
        on conflict (${targets[0]}) do ${action}`,
      ...(replaced.length > 0 && { expectCount: count }),
    },
  ];
}
