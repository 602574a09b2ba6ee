import { Neo4jError, type Record as Row } from 'neo4j-driver';
import type { Call, SearchRequest, SearchResult } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import type { Metric } from '../../model/metric.ts';
import { filterCypher } from './filterCypher.ts';
import type { Layout, VectorLayout } from './layout.ts';
import type { Neo4jLink, Params } from './link.ts';
import { quote } from './quote.ts';
import { recordReader } from './recordReader.ts';

/**
 * The least positive float32: similarities are float32 (Lucene), so that a euclidean distance above 2.7e22 has 0, of which
 * no distance could be said.
 */
const LEAST = 2 ** -149;

/** The neutral score of what the server says: (1 + c) / 2 by cosine, 1 / (1 + e²) by euclidean distance. */
const SCORES: Partial<Record<Metric, (similarity: number) => number>> = {
  cosine: similarity => 2 * similarity - 1,
  euclidean: similarity => 0 - Math.sqrt(Math.max(0, 1 / Math.max(similarity, LEAST) - 1)),
};

/**
 * The k nearest. The index is asked when it alone can answer; with a filter it would choose the k first and filter then
 * (5.26: k = 20 with a filter gave 2), so every node that the filter leaves is compared instead, exactly. Under cosine a
 * zero vector has no direction: no record with one is a hit, and a search by one has none.
 */
export async function search(
  link: Neo4jLink,
  layout: Layout,
  request: SearchRequest,
  call: Call,
): Promise<SearchResult> {
  const vector = layout.vectors.find(each => each.name === request.using)!;
  const query = request.vector;
  if (!(query instanceof Float32Array)) throw new VdbError('unsupported', 'Neo4j has dense vectors only');
  const metric = request.metric ?? vector.metric ?? 'cosine';
  const score = SCORES[metric];
  if (score === undefined) throw new VdbError('unsupported', `Neo4j has no metric ${metric}`);
  const reader = recordReader(layout, request.want);
  const columns = `${reader.returns}, score`;
  const params: Params = {};
  const filter = request.filter === undefined ? 'true' : filterCypher(layout, request.filter, params);
  Object.assign(params, { k: BigInt(request.k), query, dimension: BigInt(query.length) });
  let rows: Row[] = [];
  if (metric !== 'cosine' || query.some(component => component !== 0)) {
    const indexed = vector.index !== null && request.filter === undefined && metric === vector.metric;
    rows = indexed
      ? await link.read(nearest(layout, columns), { ...params, index: vector.index }, call)
      : await compared(link, layout, vector, metric, filter, columns, params, call);
  }
  const rawScores = Float64Array.from(rows, row => row.get(2) as number);
  return { batch: reader.read(rows), scores: rawScores.map(score), rawScores };
}

/** k is held to what there is: the server makes room for all of it beforehand (5.26: k = 100,000,000 takes its whole heap). */
function nearest(layout: Layout, columns: string): string {
  const label = quote(layout.label);
  return `WITH COUNT { (:${label}) } AS all
    CALL db.index.vector.queryNodes($index, CASE WHEN all < 1 THEN 1 WHEN all < $k THEN all ELSE $k END, $query)
    YIELD node AS n, score RETURN ${columns} ORDER BY score DESC LIMIT $k`;
}

async function compared(
  link: Neo4jLink,
  layout: Layout,
  vector: VectorLayout,
  metric: Metric,
  filter: string,
  columns: string,
  params: Params,
  call: Call,
): Promise<Row[]> {
  // Read once: taking the list out of the store is what costs most.
  const statement = (more: string) =>
    `MATCH (n:${quote(layout.label)}) WHERE ${filter} WITH n, n.${quote(vector.property)} AS v
    WITH n, CASE WHEN (v IS :: LIST<FLOAT> NOT NULL OR v IS :: LIST<INTEGER> NOT NULL) AND size(v) = $dimension${more}
      THEN vector.similarity.${metric}(v, $query) END AS score
    WHERE score IS NOT NULL WITH n, score ORDER BY score DESC LIMIT $k RETURN ${columns}`;
  const directed = metric === 'cosine' ? ' AND any(x IN v WHERE x <> 0)' : '';
  try {
    return await link.read(statement(directed), params, call);
  } catch (error) {
    if (!(error instanceof Neo4jError) || error.code !== 'Neo.ClientError.Statement.ArgumentError') throw error;
    // Some other program's vector is beyond float32 or nearly zero: now each component is looked at, which is slow.
    const sound = ' AND all(x IN v WHERE abs(x) < 3.4e38) AND any(x IN v WHERE abs(x) > 1.0e-45)';
    return link.read(statement(sound), params, call);
  }
}
