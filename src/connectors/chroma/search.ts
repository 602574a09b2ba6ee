import type { Call, SearchRequest, SearchResult } from '../../core/connector.ts';
import { selectRows } from '../../model/batch.ts';
import { VdbError } from '../../model/errors.ts';
import { float32sText } from '../../model/float32.ts';
import type { Metric } from '../../model/metric.ts';
import type { RecordBatch } from '../../model/record.ts';
import { readAnswer } from './answer.ts';
import { type Collection, operation, type Server, vectorOf } from './collection.ts';
import { bodyOf, queryOf } from './query.ts';
import { includeFor, noRecords, readRecords } from './recordReader.ts';

/** The neutral score of a distance: cosine says 1 - c, ip 1 - p, l2 the square of the euclidean distance (measured). */
const SCORES: Partial<Record<Metric, (distance: number) => number>> = {
  cosine: distance => 1 - distance,
  dot: distance => 1 - distance,
  euclidean: distance => -Math.sqrt(Math.max(0, distance)),
};

/** The k nearest. A record whose distance is beyond float32 has none, and is no hit. */
export async function search(
  server: Server,
  collection: Collection,
  request: SearchRequest,
  call: Call,
): Promise<SearchResult> {
  const { metric } = vectorOf(collection);
  const score = SCORES[metric!];
  if (score === undefined || !(request.vector instanceof Float32Array)) {
    throw new VdbError('unsupported', `'${collection.name}' has no vectors that vdb can search`);
  }
  if (request.metric !== undefined && request.metric !== metric) {
    throw new VdbError('unsupported', `'${collection.name}' is searched by ${metric}, not by ${request.metric}`, {
      hint: 'The metric of a Chroma collection is fixed when it is made.',
    });
  }
  const query = await queryOf(server, collection, request.filter, call);
  if (query === null) return { batch: noRecords(), scores: NONE, rawScores: NONE };
  const vector = float32sText(request.vector, 0, request.vector.length);
  const rest = bodyOf(query, { n_results: request.k, include: [...includeFor(request.want), 'distances'] });
  const path = operation(server.root, collection, 'query');
  const text = await server.link.send('POST', path, `{"query_embeddings":[[${vector}]],${rest.slice(1)}`, call);
  const answer = readAnswer(text, 2);
  const { batch, distances } = withDistance(readRecords(answer, request.want), answer.distances);
  return { batch, scores: distances.map(score), rawScores: distances };
}

const NONE = new Float64Array(0);

function withDistance(
  batch: RecordBatch,
  distances: (number | undefined)[],
): { batch: RecordBatch; distances: Float64Array } {
  const rows = batch.ids.map((_, row) => row).filter(row => distances[row] !== undefined);
  return {
    batch: rows.length === batch.count ? batch : rows.length === 0 ? noRecords() : selectRows(batch, rows),
    distances: Float64Array.from(rows, row => distances[row]!),
  };
}
