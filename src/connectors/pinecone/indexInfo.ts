import type { Pinecone } from '@pinecone-database/pinecone';
import type { VectorSpec } from '../../model/collection.ts';
import { VdbError } from '../../model/errors.ts';
import type { Metric } from '../../model/metric.ts';
import { baseUrl } from './wire/host.ts';

export type IndexModel = Awaited<ReturnType<Pinecone['describeIndex']>>;

/** The name under which the sparse vector stands beside the unnamed dense one. */
export const SPARSE_NAME = 'sparse';
/** Index tag: records carry sparse vectors beside dense ones. The schema does not tell: every dense index reports both. */
export const SPARSE_TAG = 'vdb-sparse';

/** A classic vector index. */
export interface IndexInfo {
  name: string;
  /** Base of the data plane. */
  url: string;
  kind: 'dense' | 'sparse';
  /** Null for sparse indexes. */
  dimension: number | null;
  metric: 'cosine' | 'dot' | 'euclidean';
  /** Records are declared to carry sparse vectors too. */
  hybrid: boolean;
  model: IndexModel;
}

const METRICS: Record<string, IndexInfo['metric']> = { cosine: 'cosine', dotproduct: 'dot', euclidean: 'euclidean' };

export const METRIC_NAMES: Partial<Record<Metric, 'cosine' | 'dotproduct' | 'euclidean'>> = {
  cosine: 'cosine',
  dot: 'dotproduct',
  euclidean: 'euclidean',
};

/** Throws `unsupported` for an index that is not served by the vectors API, `busy` for one that is still being made. */
export function indexInfo(model: IndexModel): IndexInfo {
  const { name } = model;
  const fields = Object.entries((model.schema?.fields ?? {}) as Record<string, Field>);
  const dense = fields.find(([key, field]) => key === '_values' && field.type === 'dense_vector')?.[1];
  const sparse = fields.some(([key, field]) => key === '_sparse_values' && field.type === 'sparse_vector');
  if (!dense && !sparse) {
    if (fields.length === 0 && !model.status.ready) throw notReady(model);
    throw new VdbError('unsupported', `index '${name}' is a document index, which the vectors API does not serve`, {
      outcome: 'not_applied',
      hint: 'Only indexes of dense or sparse vectors with metadata are collections.',
    });
  }
  if (model.deployment.deploymentType === 'pod') {
    throw new VdbError('unsupported', `index '${name}' runs on pods, whose ids cannot be listed`, {
      outcome: 'not_applied',
      hint: 'Copy it to a serverless index first.',
    });
  }
  if (!model.host) throw notReady(model);
  return {
    name,
    url: baseUrl(model.host),
    kind: dense ? 'dense' : 'sparse',
    dimension: dense?.dimension ?? null,
    metric: dense ? (METRICS[dense.metric ?? 'cosine'] ?? 'cosine') : 'dot',
    hybrid: dense !== undefined && model.tags?.[SPARSE_TAG] !== undefined,
    model,
  };
}

/** The sparse vector stands beside the dense one where it is declared, or `seen`. */
export function vectorSpecs(info: IndexInfo, seen = false): VectorSpec[] {
  const sparse = { kind: 'sparse', dimension: null, metric: 'dot', element: 'f32' } as const;
  if (info.kind === 'sparse') return [{ name: '', ...sparse }];
  const dense: VectorSpec = {
    name: '',
    kind: 'dense',
    dimension: info.dimension,
    metric: info.metric,
    element: 'f32',
  };
  return info.hybrid || seen ? [dense, { name: SPARSE_NAME, ...sparse }] : [dense];
}

interface Field {
  type?: string;
  dimension?: number;
  metric?: string;
}

function notReady(model: IndexModel): VdbError {
  return new VdbError('busy', `index '${model.name}' is not ready yet (${model.status.state})`, {
    reason: 'not_visible_yet',
    outcome: 'not_applied',
  });
}
