import type { Call } from '../../core/connector.ts';
import type { CollectionInfo, FieldSpec, FieldType, VectorSpec } from '../../model/collection.ts';
import { metadataSql } from './fieldSql.ts';
import { type IndexInfo, vectorIndexes } from './indexes.ts';
import { ELEMENTS, type Layout, tableName } from './layout.ts';
import type { SqlLink } from './sqlLink.ts';
import { RESERVED } from './storedMetadata.ts';

/** Up to so many records are counted, beyond it stands the planner's estimate. */
const COUNTED = 100_000;
const SAMPLE = 200;

export function vectorSpecs(layout: Layout): VectorSpec[] {
  return layout.vectors.map(({ name, kind, dimension, metric, type }) => ({
    name,
    kind,
    dimension,
    metric,
    element: ELEMENTS[type],
  }));
}

export async function describe(link: SqlLink, layout: Layout, name: string, call: Call): Promise<CollectionInfo> {
  const table = tableName(layout);
  const counted = await link.query(`select count(*) from (select 1 from ${table} limit ${COUNTED + 1}) s`, [], call);
  const count = Number(counted.rows[0]![0]);
  const exact = count <= COUNTED;
  const indexes = await vectorIndexes(link, layout, call);
  return {
    name,
    partition: null,
    count: exact ? count : Math.max(layout.estimate ?? 0, count),
    countExact: exact,
    vectors: vectorSpecs(layout),
    fields: await sampleFields(link, layout, call),
    index: Object.fromEntries(indexes.map(index => [index.name, indexJson(layout, index)])),
    native: {
      provider: 'pgvector',
      config: { indexes: indexes.map(index => indexJson(layout, index)) },
    },
  };
}

function indexJson(layout: Layout, index: IndexInfo) {
  const vector = layout.vectors.find(each => each.column === index.column)?.name ?? index.column;
  return { vector, type: index.type, metric: index.metric, options: index.options, valid: index.valid };
}

/** Fields and their types in some records: nothing declares what jsonb holds. */
async function sampleFields(link: SqlLink, layout: Layout, call: Call): Promise<FieldSpec[]> {
  const { rows } = await link.query(
    `with sample as (select ${metadataSql(layout)} as m from ${tableName(layout)} t limit ${SAMPLE}),
    typed as (select f.key, ${typeSql('f.value')} as type,
      case when jsonb_typeof(f.value) = 'array' then (select string_agg(distinct ${typeSql('e.v')}, ' ')
        from jsonb_array_elements(f.value) e(v)) end as items
      from sample, jsonb_each(case when jsonb_typeof(m) = 'object' then m else '{}' end) f)
    select key, string_agg(distinct type, ' ') filter (where type <> 'null'), string_agg(distinct items, ' ')
    from typed group by key order by key`,
    [],
    call,
  );
  return rows
    .filter(([key]) => !RESERVED.includes(key!))
    .map(([key, types, items]) => ({ name: key!, type: fieldType(types, items) }));
}

function typeSql(value: string): string {
  return `case jsonb_typeof(${value}) when 'number' then case when ${value}::text like '%.%' then 'float' else 'integer' end
    when 'object' then case when ${value} ? '$date' then 'datetime' when ${value} ? '$bytes' then 'bytes'
      when ${value} ? '$geo' then 'geo' else 'object' end
    else jsonb_typeof(${value}) end`;
}

function fieldType(types: string | null | undefined, items: string | null | undefined): FieldSpec['type'] {
  if (types === null || types === undefined || types.includes(' ')) return 'mixed';
  if (types !== 'array' || !items || items.includes(' ')) return types as FieldType;
  return `array<${items === 'null' ? 'mixed' : (items as FieldType)}>`;
}
