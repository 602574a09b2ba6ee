import type { Call, SearchRequest, SearchResult } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import { filterSql } from './filterSql.ts';
import { column, ELEMENTS, type Layout, tableName, type VectorColumnLayout } from './layout.ts';
import { defaultMetric, PG_METRICS } from './metrics.ts';
import { recordReader } from './recordReader.ts';
import type { SqlLink } from './sqlLink.ts';
import { SPARSE_DIMENSION } from './upsert.ts';

/**
 * The k nearest. With an index that brought fewer than asked for (its list is short, or the filter rare), once more without:
 * an answer is short only when there are no more records. Under cosine a zero vector has no direction and no distance
 * (NaN): it is no hit, as in pgvector's own indexes, which leave it out.
 */
export async function search(link: SqlLink, layout: Layout, request: SearchRequest, call: Call): Promise<SearchResult> {
  const vector = layout.vectors.find(each => each.name === request.using);
  if (vector === undefined) {
    throw new VdbError('invalid', `${layout.schema}.${layout.table} has no vector '${request.using}'`, {
      hint: `Its vectors are: ${layout.vectors.map(each => each.name || '(unnamed)').join(', ') || 'none'}.`,
    });
  }
  const metric = PG_METRICS[request.metric ?? vector.metric ?? defaultMetric(ELEMENTS[vector.type])];
  if (metric === undefined) throw new VdbError('unsupported', `pgvector has no metric ${request.metric}`);
  const reader = recordReader(layout, request.want);
  const distance = `${column(vector.column)} ${metric.operator} ${vectorSql(vector, request.vector)}`;
  const where = request.filter ? ` and ${filterSql(layout, request.filter)}` : '';
  const limit = Math.min(Math.max(1, Math.ceil(request.k)), 2 ** 31 - 1);
  const sql = `copy (select * from (select ${reader.columns}, ${distance} as vdb_distance from ${tableName(layout)} t
    where ${column(vector.column)} is not null${where} order by ${distance} limit ${limit}) s
    where s.vdb_distance <> 'NaN'::float8) to stdout (format binary)`;
  const indexed = layout.indexed.includes(vector.column);
  let found = reader.read(await link.copyOut(sql, indexed ? approximate(limit) : [], call), 1);
  if (indexed && found.batch.count < limit) {
    found = reader.read(await link.copyOut(sql, ['enable_indexscan = off'], call), 1);
  }
  const distances = found.numbers[0]!;
  return { batch: found.batch, scores: distances.map(metric.score), rawScores: distances };
}

/** Settings of pgvector 0.8, known to the server once the extension is loaded. */
function approximate(k: number): string[] {
  return [
    `hnsw.iterative_scan = strict_order`,
    `ivfflat.iterative_scan = relaxed_order`,
    `hnsw.ef_search = ${Math.min(Math.max(k, 40), 1000)}`,
  ];
}

/** A literal that the server reads as the same floats, or bits. */
function vectorSql(vector: VectorColumnLayout, query: SearchRequest['vector']): string {
  if (Array.isArray(query)) throw new VdbError('unsupported', 'pgvector does not rank by multi-vectors');
  if (query instanceof Float32Array) {
    return vector.type === 'bit' ? `B'${query.join('')}'` : `'[${query.join(',')}]'::${vector.type}`;
  }
  const { indices, values } = query;
  const pairs: string[] = [];
  for (let i = 0; i < indices.length; i++) if (values[i] !== 0) pairs.push(`${indices[i]! + 1}:${values[i]}`);
  return `'{${pairs.join(',')}}/${vector.dimension ?? SPARSE_DIMENSION}'::${vector.type}`;
}
