import type { Call } from '../../core/connector.ts';
import type { CollectionSpec, VectorSpec } from '../../model/collection.ts';
import { VdbError } from '../../model/errors.ts';
import type { Metric } from '../../model/metric.ts';
import { type Layout, tableName, type VectorType } from './layout.ts';
import { defaultMetric, metricOfOpclass, PG_METRICS } from './metrics.ts';
import { identifier, literal } from './quote.ts';
import type { SqlLink } from './sqlLink.ts';

export interface IndexSpec {
  type: 'hnsw' | 'ivfflat';
  metric: Metric;
  /** `m`, `ef_construction` (hnsw), `lists` (ivfflat), as the server spells them. */
  options: Record<string, string>;
}

/** A vector index as it is in the database. */
export interface IndexInfo extends IndexSpec {
  name: string;
  column: string;
  definition: string;
  valid: boolean;
}

const PARAMETERS: Record<string, string[]> = { hnsw: ['m', 'ef_construction'], ivfflat: ['lists'], none: [] };

/**
 * The indexes each vector gets: those of a collection of this provider when the spec carries them, else as the options say:
 * `type` hnsw, ivfflat or none (the default: searches are exact), and that type's parameters. Multi-vectors get none.
 * Throws `invalid`, `unsupported`.
 */
export function parseIndexOptions(spec: CollectionSpec): (vector: VectorSpec) => IndexSpec[] {
  const { type: given, ...options } = spec.indexOptions ?? {};
  if (spec.indexOptions === undefined && spec.native?.provider === 'pgvector') {
    const { indexes = [] } = spec.native.config as { indexes?: (IndexSpec & { vector: string })[] };
    return vector => indexes.filter(index => index.vector === vector.name && index.type in PARAMETERS);
  }
  const type = given ?? (Object.keys(options).length === 0 ? 'none' : 'hnsw');
  const parameters = PARAMETERS[type];
  if (parameters === undefined) {
    throw invalid(`'${type}' is not an index type`, 'Use type=hnsw, type=ivfflat or type=none.');
  }
  for (const [name, value] of Object.entries(options)) {
    if (!parameters.includes(name)) {
      throw invalid(
        `'${name}' is not an option of the index type ${type}`,
        `It has: ${parameters.join(', ') || 'none'}.`,
      );
    }
    if (!/^\d{1,6}$/.test(value)) throw invalid(`the index option ${name} is a whole number, not '${value}'`);
  }
  if (type === 'none') return () => [];
  if (spec.vectors.length > 0 && spec.vectors.every(({ kind }) => kind === 'multi')) {
    throw new VdbError('unsupported', 'pgvector has no index on multi-vectors', {
      outcome: 'not_applied',
      hint: 'Use type=none.',
    });
  }
  return vector => {
    if (vector.kind === 'multi') return [];
    return [{ type: type as IndexSpec['type'], metric: vector.metric ?? defaultMetric(vector.element), options }];
  };
}

export function indexSql(table: string, column: string, type: VectorType, index: IndexSpec): string {
  const opclass = PG_METRICS[index.metric]?.opclass;
  if (opclass === undefined) throw invalid(`there is no index for the metric ${index.metric}`);
  const options = Object.entries(index.options).map(([name, value]) => `${identifier(name)} = ${Number(value)}`);
  const settings = options.length === 0 ? '' : ` with (${options.join(', ')})`;
  return `create index on ${table} using ${index.type} (${identifier(column)} ${type}_${opclass})${settings}`;
}

export async function vectorIndexes(link: SqlLink, layout: Layout, call: Call): Promise<IndexInfo[]> {
  const { rows } = await link.query(
    `select json_build_object('name', x.relname, 'column', a.attname, 'type', m.amname, 'opclass', o.opcname,
      'definition', pg_get_indexdef(i.indexrelid), 'valid', i.indisvalid, 'options', x.reloptions)
    from pg_index i join pg_class x on x.oid = i.indexrelid join pg_am m on m.oid = x.relam
    join pg_opclass o on o.oid = i.indclass[0]
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
    where i.indrelid = ${literal(tableName(layout))}::regclass and m.amname in ('hnsw', 'ivfflat') order by x.relname`,
    [],
    call,
  );
  return rows.flatMap(([text]) => {
    const { opclass, options, ...index } = JSON.parse(text!) as Omit<IndexInfo, 'metric' | 'options'> & {
      opclass: string;
      options: string[] | null;
    };
    const metric = metricOfOpclass(opclass);
    if (metric === null) return [];
    return [{ ...index, metric, options: Object.fromEntries((options ?? []).map(each => each.split('=', 2))) }];
  });
}

function invalid(message: string, hint?: string): VdbError {
  return new VdbError('invalid', message, { outcome: 'not_applied', ...(hint !== undefined && { hint }) });
}
