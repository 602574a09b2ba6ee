import type { Call, SearchRequest, SearchResult } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import { bytesOf, multiBytes } from './encode.ts';
import type { Layout, StoredVector } from './layout.ts';
import { neutral } from './metrics.ts';
import type { Reader } from './reader.ts';
import { type Filters, VECTOR_TYPE, type Vectors } from './wire/messages.ts';

export async function search(
  reader: Reader,
  layout: Layout,
  tenant: string,
  request: SearchRequest,
  filters: Filters | undefined,
  call: Call,
): Promise<SearchResult> {
  const target = layout.vectors.find(({ name }) => name === request.using)!;
  if (request.metric !== undefined && request.metric !== target.metric) {
    throw new VdbError(
      'unsupported',
      `'${layout.collection}' is searched by ${target.metric}, not by ${request.metric}`,
      {
        outcome: 'not_applied',
        hint: 'The metric belongs to the collection; leave it out.',
      },
    );
  }
  const near_vector = {
    ...(target.stored !== '' && { targets: { target_vectors: [target.stored] } }),
    vectors: [queryVector(target, request.vector)],
  };
  const asked = { tenant, limit: request.k, near_vector, ...(filters && { filters }) };
  const objects = await reader.objects(asked, call);
  const rawScores = Float64Array.from(objects, ({ metadata }) => metadata.distance);
  return {
    batch: reader.batch(objects, tenant),
    rawScores,
    scores: rawScores.map(distance => neutral(target.metric, distance)),
  };
}

function queryVector({ stored }: StoredVector, vector: SearchRequest['vector']): Vectors {
  if (vector instanceof Float32Array) return { name: stored, vector_bytes: bytesOf(vector), type: VECTOR_TYPE.single };
  if (!Array.isArray(vector))
    throw new VdbError('unsupported', 'Weaviate has no sparse vectors', { outcome: 'not_applied' });
  const dimension = vector[0]?.length ?? 0;
  const rows = new Float32Array(dimension * vector.length);
  for (const [i, row] of vector.entries()) rows.set(row, i * dimension);
  return { name: stored, vector_bytes: multiBytes(rows, dimension), type: VECTOR_TYPE.multi };
}
