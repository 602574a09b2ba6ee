import type { FieldColumn, Layout } from './layout.ts';
import { column } from './layout.ts';
import { literal } from './quote.ts';

/** The column's value as jsonb, SQL NULL where it has none. Numbers keep what they are: a float keeps a point. */
export function columnAsJson(field: FieldColumn): string {
  const value = column(field.column);
  switch (field.kind) {
    case 'real':
    case 'double':
      return floatAsJson(value);
    case 'timestamptz':
      return `case when isfinite(${value}) then jsonb_build_object('$date',
        to_char(${value} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) else to_jsonb(${value}::text) end`;
    case 'bytes':
      return `case when ${value} is not null then jsonb_build_object('$bytes', translate(encode(${value}, 'base64'), E'\\n', '')) end`;
    case 'floatArray':
      return `case when ${value} is not null then (select coalesce(jsonb_agg(${floatAsJson('e.v')} order by e.n), '[]')
        from unnest(${value}) with ordinality e(v, n)) end`;
    default:
      return `to_jsonb(${value})`;
  }
}

/** Through text, as float8::numeric rounds to 15 digits. JSON has no NaN and no infinities: they read as text. */
function floatAsJson(value: string): string {
  return `case when ${value} in ('NaN', 'Infinity', '-Infinity') then to_jsonb(${value}::text)
    else to_jsonb(${value}::text::numeric + 0.0) end`;
}

/** A record's metadata as one jsonb object (or NULL): the jsonb column spread flat, and every ordinary column that has a value. */
export function metadataSql(layout: Layout): string {
  const spread = layout.metadata === null ? null : column(layout.metadata);
  if (layout.fields.length === 0) return spread ?? 'null::jsonb';
  const pairs = layout.fields.map(field => `(${literal(field.column)}, ${columnAsJson(field)})`);
  const columns = `(select jsonb_object_agg(f.k, f.v) from (values ${pairs.join(', ')}) f(k, v) where f.v is not null)`;
  if (spread === null) return columns;
  // A jsonb column that holds no object in this row cannot be spread: it is a field of its own name.
  return `(case when jsonb_typeof(${spread}) = 'object' then ${spread} when ${spread} is null then '{}'
    else jsonb_build_object(${literal(layout.metadata!)}, ${spread}) end || coalesce(${columns}, '{}'))`;
}

/** The value of a top-level metadata key as jsonb, NULL where there is none. */
export function topLevelSql(layout: Layout, key: string): string {
  const field = layout.fields.find(each => each.column === key);
  const inJson = layout.metadata === null ? null : `${column(layout.metadata)} -> ${literal(key)}`;
  if (field === undefined) return inJson === null ? 'null::jsonb' : `(${inJson})`;
  return inJson === null ? `(${columnAsJson(field)})` : `coalesce(${columnAsJson(field)}, ${inJson})`;
}

/** How a field's column is made from its value in the jsonb `source`. */
export function columnFromJson(field: FieldColumn, source: string): string {
  const key = literal(field.column);
  const text = `${source} ->> ${key}`;
  const { type } = field;
  switch (field.kind) {
    case 'json':
      return `(${source} -> ${key})::${type}`;
    case 'timestamptz':
      return `coalesce(${source} -> ${key} ->> '$date', ${text})::${type}`;
    case 'bytes':
      return `decode(${source} -> ${key} ->> '$bytes', 'base64')`;
    case 'array':
    case 'floatArray': {
      const element = type.replace(/\[\]$/, '');
      return `case when jsonb_typeof(${source} -> ${key}) = 'array' then array(select e.v::${element}
        from jsonb_array_elements_text(${source} -> ${key}) with ordinality e(v, n) order by e.n)::${type} end`;
    }
    default:
      return `(${text})::${type}`;
  }
}
