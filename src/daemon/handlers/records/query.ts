import type { Lease } from '../../../core/connections/lease.ts';
import type { CollectionRef, SearchRequest } from '../../../core/connector.ts';
import type { VectorSpec } from '../../../model/collection.ts';
import { VdbError } from '../../../model/errors.ts';
import { float16Value } from '../../../model/float16.ts';
import { type Id, idKey } from '../../../model/id.ts';
import { isPresent, type VectorColumn } from '../../../model/record.ts';
import { hitLine } from '../../../model/recordLine.ts';
import type { QueryParams } from '../../../protocol/methods/record.ts';
import type { Handler, Request } from '../../handler.ts';
import { withCollection } from '../lease.ts';
import { residualRefused, split } from './filter.ts';
import { resolveIds } from './ids.ts';
import { wantOf } from './want.ts';

type Vector = SearchRequest['vector'];

export const query: Handler<'record.query'> = (params, request, services) => {
  const { target, vector, id, k, where, minScore } = params;
  if ((vector === undefined) === (id === undefined))
    throw new VdbError('usage', 'give a vector, or the id of a record');
  const started = performance.now();
  return withCollection(target, request, services, {}, async (lease, ref) => {
    const { database, connection } = lease;
    const { collection } = ref;
    const spec = searched(await lease.vectors(ref, request.call), params.using, collection);
    const { native, residual } = await split(lease, ref, where, request);
    if (residual) {
      throw residualRefused(
        residual,
        lease,
        "Leave that part out, or find the records without ranking: 'vdb scan --where'.",
      );
    }
    const from = id === undefined ? undefined : await vectorOf(id, spec, lease, ref, params, request);
    const want = wantOf(params.with);
    // The record itself is the nearest, and is left out.
    const limit = database.capabilities.limits.topK ?? Number.POSITIVE_INFINITY;
    const { batch, scores, rawScores } = await database.search(
      ref,
      {
        vector: from?.vector ?? typed(vector!),
        using: spec.name,
        k: from && k < limit ? k + 1 : k,
        want,
        ...(native && { filter: native }),
        ...(!database.capabilities.metricFixed && spec.metric && { metric: spec.metric }),
      },
      request.call,
    );
    const self = from && idKey(from.id);
    const hits: string[] = [];
    for (let row = 0; row < batch.count && hits.length < k; row++) {
      if (self !== undefined && idKey(batch.ids[row]!) === self) continue;
      if (minScore !== undefined && !(scores[row]! >= minScore)) continue;
      hits.push(hitLine(batch, row, want, scores[row]!, rawScores[row]!));
    }
    await request.items(hits);
    return { connection, collection, count: hits.length, elapsedMs: Math.round(performance.now() - started) };
  });
};

/** The vector named, else the unnamed one, else the only one. */
function searched(specs: VectorSpec[], using: string | undefined, collection: string): VectorSpec {
  const spec =
    using === undefined
      ? (specs.find(({ name }) => name === '') ?? (specs.length === 1 ? specs[0] : undefined))
      : specs.find(({ name }) => name === using);
  if (spec) return spec;
  const names = specs.map(({ name }) => name || '(unnamed)').join(', ');
  throw new VdbError(
    using === undefined ? 'usage' : 'invalid',
    using === undefined
      ? `collection '${collection}' has several vectors, and none is named`
      : `collection '${collection}' has no vector '${using}'`,
    { outcome: 'not_applied', hint: names === '' ? 'The collection has no vectors.' : `It has: ${names}.` },
  );
}

function typed(vector: NonNullable<QueryParams['vector']>): Vector {
  if (!Array.isArray(vector)) {
    return { indices: Uint32Array.from(vector.indices), values: Float32Array.from(vector.values) };
  }
  return isRows(vector) ? vector.map(row => Float32Array.from(row)) : Float32Array.from(vector);
}

function isRows(vector: number[] | number[][]): vector is number[][] {
  return Array.isArray(vector[0]);
}

async function vectorOf(
  text: string,
  spec: VectorSpec,
  { database, connection }: Lease,
  ref: CollectionRef,
  { idType }: QueryParams,
  { call }: Request<'record.query'>,
): Promise<{ id: Id; vector: Vector }> {
  const [id] = await resolveIds(database, ref, [text], idType, call);
  const batch = await database.fetch(ref, [id!], { vectors: [spec.name], metadata: false, document: false }, call);
  if (batch.count === 0) {
    throw new VdbError('not_found', `there is no record '${text}' in ${connection}/${ref.collection}`, {
      outcome: 'not_applied',
    });
  }
  const column = batch.vectors.find(({ name }) => name === spec.name);
  if (!column || !isPresent(column, 0)) {
    throw new VdbError('invalid', `record '${text}' has no such vector`, { outcome: 'not_applied' });
  }
  return { id: batch.ids[0]!, vector: firstVector(column) };
}

function firstVector(column: VectorColumn): Vector {
  if (column.kind === 'sparse')
    return { indices: column.indices.slice(0, column.offsets[1]!), values: column.values.slice(0, column.offsets[1]!) };
  if (column.kind === 'multi') {
    const rows: Float32Array[] = [];
    for (let row = 0; row < column.offsets[1]!; row++)
      rows.push(column.values.slice(row * column.dimension, (row + 1) * column.dimension));
    return rows;
  }
  return elements(column);
}

/** A query is in float32, whatever the elements kept. */
function elements({ element, dimension, values }: VectorColumn & { kind: 'dense' }): Float32Array {
  if (element === 'bit')
    return Float32Array.from({ length: dimension }, (_, i) => (values[i >> 3]! >> (7 - (i & 7))) & 1);
  const raw = values.subarray(0, dimension);
  return element === 'f16' ? Float32Array.from(raw, float16Value) : Float32Array.from(raw);
}
