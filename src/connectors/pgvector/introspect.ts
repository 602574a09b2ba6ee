import type { Call } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import type { Metric } from '../../model/metric.ts';
import {
  type FieldColumn,
  type FieldKind,
  KINDS,
  type Layout,
  type VectorColumnLayout,
  type VectorType,
} from './layout.ts';
import { metricOfOpclass } from './metrics.ts';
import type { SqlLink } from './sqlLink.ts';

/** What makes a table's layout besides the table itself: the profile's options. */
export interface LayoutOptions {
  schema: string;
  idColumn?: string;
  documentColumn?: string;
}

/** The mark of `create` in a table's comment: what the columns cannot say of the vectors. */
export interface Mark {
  version: 1;
  vectors: { column: string; name: string; metric: Metric | null }[];
  /** Indexes that `load` dropped and `unload` has still to make: their definitions by name. */
  dropped?: Record<string, string>;
}

interface ColumnRow {
  column: string;
  type: string;
  base: string;
  element: string | null;
  elementType: number;
  modifier: number;
  generated: boolean;
}

interface TableRow {
  schema: string;
  table: string;
  comment: string | null;
  estimate: number;
  columns: ColumnRow[];
  /** Single-column unique keys without nulls, the primary key first. */
  keys: string[];
  /** Composite primary key. */
  composite: boolean;
  /** A foreign table has no indexes that could prove a key. */
  foreign: boolean;
  indexes: { column: string; opclass: string }[];
}

const DOCUMENT_NAMES = ['document', 'content', 'text', 'body', 'chunk'];

const TABLES = `
select json_build_object(
  'schema', n.nspname, 'table', c.relname, 'comment', obj_description(c.oid, 'pg_class'),
  'estimate', case when c.relkind = 'p' then (select coalesce(sum(greatest(l.reltuples, 0)), -1)
    from pg_partition_tree(c.oid) p join pg_class l on l.oid = p.relid where p.isleaf) else c.reltuples end,
  'columns', (select json_agg(json_build_object('column', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
      'base', coalesce(b.typname, y.typname), 'element', e.typname, 'elementType', y.typelem::bigint,
      'modifier', case when y.typtype = 'd' then y.typtypmod else a.atttypmod end,
      'generated', a.attgenerated <> '') order by a.attnum)
    from pg_attribute a join pg_type y on y.oid = a.atttypid
    left join pg_type b on y.typtype = 'd' and b.oid = y.typbasetype
    left join pg_type e on y.typcategory = 'A' and e.oid = y.typelem
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
  'keys', coalesce((select json_agg(a.attname order by i.indisprimary desc, i.indexrelid)
    from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
    where i.indrelid = c.oid and i.indisunique and i.indnkeyatts = 1 and i.indpred is null and a.attnotnull), '[]'::json),
  'foreign', c.relkind = 'f',
  'composite', exists (select 1 from pg_index i where i.indrelid = c.oid and i.indisprimary and i.indnkeyatts > 1),
  'indexes', coalesce((select json_agg(json_build_object('column', a.attname, 'opclass', o.opcname) order by i.indexrelid)
    from pg_index i join pg_class x on x.oid = i.indexrelid join pg_am m on m.oid = x.relam
    join pg_opclass o on o.oid = i.indclass[0]
    join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
    where i.indrelid = c.oid and m.amname in ('hnsw', 'ivfflat')), '[]'::json))
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'f') and not c.relispartition`;

const ALL = `${TABLES} and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
  and (obj_description(c.oid, 'pg_class') like '{"vdb":%' or exists (select 1 from pg_attribute a
    join pg_type y on y.oid = a.atttypid
    where a.attrelid = c.oid and not a.attisdropped and (y.typname in ('vector', 'halfvec', 'sparsevec')
      or y.typname = 'bit' and a.atttypmod <> 1
      or y.typcategory = 'A' and exists (select 1 from pg_type e where e.oid = y.typelem and e.typname = 'vector'))))
order by n.nspname, c.relname`;

const ONE = `${TABLES} and (n.nspname::text, c.relname::text) in (select * from unnest($1::text[], $2::text[]))
order by n.nspname = $3 desc, n.nspname`;

/** All tables with vectors, or made by vdb; those without a usable id have no layout and are left out. */
export async function allLayouts(link: SqlLink, options: LayoutOptions, call: Call): Promise<Layout[]> {
  const { rows } = await link.query(ALL, [], call);
  const layouts: Layout[] = [];
  for (const [text] of rows) {
    const table = JSON.parse(text!) as TableRow;
    if (idColumn(table, options) !== undefined) layouts.push(layoutOf(table, options));
  }
  return layouts;
}

/** The layout of the collection of that name: a table of the default schema, or `schema.table`. Throws `not_found`. */
export async function findLayout(
  link: SqlLink,
  options: LayoutOptions,
  name: string,
  call: Call,
): Promise<{ layout: Layout; mark: Mark | null }> {
  const names = candidates(options.schema, name);
  const { rows } = await link.query(
    ONE,
    [names.map(each => each.schema), names.map(each => each.table), options.schema],
    call,
  );
  if (rows.length === 0) throw notFound(name);
  const table = JSON.parse(rows[0]![0]!) as TableRow;
  return { layout: layoutOf(table, options), mark: markOf(table.comment) };
}

export function notFound(name: string): VdbError {
  return new VdbError('not_found', `there is no collection '${name}'`, { outcome: 'not_applied' });
}

/** What `name` can mean, first choice first: names may hold dots. */
export function candidates(schema: string, name: string): { schema: string; table: string }[] {
  const found = [{ schema, table: name }];
  for (let dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
    found.push({ schema: name.slice(0, dot), table: name.slice(dot + 1) });
  }
  return found;
}

/** The name under which a table is a collection. */
export function collectionName(layout: { schema: string; table: string }, options: LayoutOptions): string {
  return layout.schema === options.schema ? layout.table : `${layout.schema}.${layout.table}`;
}

export function markOf(comment: string | null): Mark | null {
  if (comment === null || !comment.startsWith('{"vdb":')) return null;
  try {
    return (JSON.parse(comment) as { vdb: Mark }).vdb;
  } catch {
    // Somebody's own comment that begins alike.
    return null;
  }
}

/** The column that is named by the option; tables of ours have their own. */
function namedId(table: TableRow, { idColumn }: LayoutOptions): string | undefined {
  const named = table.columns.some(each => each.column === idColumn);
  return named && markOf(table.comment) === null ? idColumn : undefined;
}

function idColumn(table: TableRow, options: LayoutOptions): ColumnRow | undefined {
  const named = namedId(table, options);
  const name = named ?? table.keys[0];
  if (named !== undefined && !table.foreign && !table.keys.includes(named)) return undefined;
  return table.columns.find(each => each.column === name);
}

function layoutOf(table: TableRow, options: LayoutOptions): Layout {
  const mark = markOf(table.comment);
  const id = idColumn(table, options);
  const named = namedId(table, options);
  if (id === undefined && named !== undefined) {
    throw new VdbError(
      'unsupported',
      `the column ${named} of the table ${table.schema}.${table.table} is not unique and NOT NULL, so it cannot be the id`,
      { outcome: 'not_applied', hint: 'Make it so, or name another column with --id-column.' },
    );
  }
  if (id === undefined) {
    throw new VdbError('unsupported', `the table ${table.schema}.${table.table} has no column that can be the id`, {
      outcome: 'not_applied',
      hint: table.composite
        ? 'Its primary key has several columns: name one that is unique with --id-column.'
        : 'Name a unique column with --id-column.',
    });
  }
  const rest = table.columns.filter(each => each !== id && !each.generated);
  const vectors = rest.filter(each => vectorType(each, mark) !== null);
  const plain = rest.filter(each => !vectors.includes(each));
  const json = plain.filter(each => each.base === 'jsonb');
  const document = documentColumn(plain, mark, options);
  const metadata = mark === null ? (json.length === 1 ? json[0]!.column : null) : 'metadata';
  return {
    schema: table.schema,
    table: table.table,
    own: mark !== null,
    id: { column: id.column, kind: idKindOf(id.base), type: id.type },
    vectors: vectors.map(each => vectorLayout(each, vectors.length, mark, table)),
    indexed: table.indexes.map(each => each.column),
    document,
    metadata,
    fields: plain.filter(each => each.column !== document && each.column !== metadata).map(fieldColumn),
    estimate: table.estimate < 0 ? null : Math.round(table.estimate),
  };
}

function documentColumn(plain: ColumnRow[], mark: Mark | null, options: LayoutOptions): string | null {
  if (mark !== null) return 'document';
  const texts = plain.filter(each => ['text', 'varchar', 'bpchar'].includes(each.base)).map(each => each.column);
  if (options.documentColumn !== undefined && texts.includes(options.documentColumn)) return options.documentColumn;
  const named = texts.filter(name => DOCUMENT_NAMES.includes(name));
  return named.length === 1 ? named[0]! : null;
}

/** Null for ordinary columns. A single bit is a vector only where `create` says so: elsewhere it is a flag. */
function vectorType({ column, base, element, modifier }: ColumnRow, mark: Mark | null): VectorType | null {
  if (base === 'vector' || base === 'halfvec' || base === 'sparsevec') return base;
  if (element === 'vector') return 'vector[]';
  if (base !== 'bit') return null;
  return modifier !== 1 || mark?.vectors.some(each => each.column === column) ? 'bit' : null;
}

function vectorLayout(row: ColumnRow, howMany: number, mark: Mark | null, table: TableRow): VectorColumnLayout {
  const marked = mark?.vectors.find(each => each.column === row.column);
  const index = table.indexes.find(each => each.column === row.column);
  const type = vectorType(row, mark)!;
  return {
    column: row.column,
    name: marked?.name ?? (howMany === 1 && mark === null ? '' : row.column),
    type,
    kind: KINDS[type],
    dimension: row.modifier > 0 ? row.modifier : null,
    metric: marked?.metric ?? (index === undefined ? null : metricOfOpclass(index.opclass)),
    ...(type === 'vector[]' && { elementType: row.elementType }),
  };
}

function idKindOf(base: string): 'text' | 'integer' | 'uuid' {
  if (base === 'uuid') return 'uuid';
  return ['int2', 'int4', 'int8'].includes(base) ? 'integer' : 'text';
}

const FIELD_KINDS: Record<string, FieldKind> = {
  int2: 'integer',
  int4: 'integer',
  int8: 'integer',
  numeric: 'numeric',
  float4: 'real',
  float8: 'double',
  bool: 'boolean',
  timestamptz: 'timestamptz',
  bytea: 'bytes',
  json: 'json',
  jsonb: 'json',
};

function fieldColumn(row: ColumnRow): FieldColumn {
  const array = row.element === 'float4' || row.element === 'float8' ? 'floatArray' : 'array';
  return {
    column: row.column,
    kind: row.element === null ? (FIELD_KINDS[row.base] ?? 'text') : array,
    type: row.type,
    // numeric(p,s) has the modifier (p << 16 | s) + 4; the scale is 11 bits, signed since PostgreSQL 15.
    scale: row.base === 'numeric' && row.modifier > 0 ? (((row.modifier - 4) & 0x7ff) ^ 1024) - 1024 : null,
  };
}
