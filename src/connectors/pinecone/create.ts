import type { CollectionSpec, VectorSpec } from '../../model/collection.ts';
import { VdbError } from '../../model/errors.ts';
import { type CreateOptions, INDEX_NAME } from './controlPlane.ts';
import { METRIC_NAMES, SPARSE_TAG } from './indexInfo.ts';
import type { Settings } from './link.ts';

const OPTIONS = ['cloud', 'region', 'deletionProtection', 'sparse'];
const CLOUDS = ['aws', 'gcp', 'azure'];

/** What makes a serverless index of the classic vectors API. Throws `invalid`, `unsupported` or `usage`. */
export function createOptions(spec: CollectionSpec, settings: Settings): CreateOptions & { name: string } {
  if (!INDEX_NAME.test(spec.name)) {
    throw new VdbError('invalid', `'${spec.name}' cannot name an index`, {
      outcome: 'not_applied',
      hint: `Use 1 to 45 of a-z, 0-9 and '-', such as '${suggested(spec.name)}'.`,
    });
  }
  const options = spec.indexOptions ?? {};
  const unknown = Object.keys(options).find(key => !OPTIONS.includes(key));
  if (unknown !== undefined) {
    throw new VdbError('unsupported', `Pinecone has no index option '${unknown}'`, {
      outcome: 'not_applied',
      hint: `It has: ${OPTIONS.join(', ')}.`,
    });
  }
  const [vector, ...others] = spec.vectors;
  if (!vector || others.length > 0) throw unsupported('an index of Pinecone holds one vector per record');
  if (vector.name !== '') throw unsupported(`Pinecone's vectors have no names, such as '${vector.name}'`);
  const native = nativeOf(spec);
  const cloud = options.cloud ?? native.cloud ?? settings.cloud;
  if (!CLOUDS.includes(cloud)) throw unsupported(`there is no cloud '${cloud}'; there are ${CLOUDS.join(', ')}`);
  const sparse = flag('sparse', options.sparse) || native.sparse;
  if (sparse && (vector.kind !== 'dense' || vector.metric !== 'dot')) {
    throw unsupported('sparse vectors stand beside dense ones only under the metric dot');
  }
  const protect = options.deletionProtection !== undefined && flag('deletionProtection', options.deletionProtection);
  return {
    name: spec.name,
    deployment: { deploymentType: 'managed', cloud, region: options.region ?? native.region ?? settings.region },
    schema: { fields: fieldsOf(vector) },
    ...(protect && { deletionProtection: 'enabled' }),
    ...(sparse && { tags: { [SPARSE_TAG]: 'yes' } }),
  } as CreateOptions & { name: string };
}

function fieldsOf({ kind, dimension, metric }: VectorSpec): Record<string, unknown> {
  if (kind === 'sparse') {
    if (metric !== null && metric !== 'dot') throw unsupported(`sparse vectors are compared by dot, not by ${metric}`);
    return { _sparse_values: { type: 'sparse_vector' } };
  }
  return { _values: { type: 'dense_vector', dimension, metric: METRIC_NAMES[metric ?? 'cosine'] } };
}

/** Of an index that is made like another one, where that stands. */
function nativeOf(spec: CollectionSpec): { cloud?: string; region?: string; sparse: boolean } {
  if (spec.native?.provider !== 'pinecone') return { sparse: false };
  const { deployment, tags } = (spec.native.config ?? {}) as {
    deployment?: { deploymentType?: string; cloud?: string; region?: string };
    tags?: Record<string, string>;
  };
  const sparse = tags?.[SPARSE_TAG] !== undefined;
  const { cloud, region, deploymentType } = deployment ?? {};
  return deploymentType === 'managed' && cloud !== undefined && region !== undefined
    ? { cloud, region, sparse }
    : { sparse };
}

function flag(name: string, value: string | undefined): boolean {
  if (value === undefined || value === 'false') return false;
  if (value === 'true') return true;
  throw new VdbError('usage', `index option '${name}' is true or false, not '${value}'`, { outcome: 'not_applied' });
}

function suggested(name: string): string {
  const text = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 45)
    .replace(/^-+|-+$/g, '');
  return text === '' ? 'docs' : text;
}

function unsupported(message: string): VdbError {
  return new VdbError('unsupported', message, { outcome: 'not_applied' });
}
