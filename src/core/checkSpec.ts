import type { Capabilities } from '../model/capabilities.ts';
import type { CollectionSpec, VectorSpec } from '../model/collection.ts';
import { VdbError } from '../model/errors.ts';
import type { Metric } from '../model/metric.ts';
import { invalid } from './checkBatch.ts';
import { vectorBounds } from './vectorBounds.ts';

/** Refuses a collection that this database cannot have. Throws `invalid` or `unsupported`. */
export function checkSpec(spec: CollectionSpec, capabilities: Capabilities): void {
  const { limits } = capabilities;
  if (spec.name === '' || spec.name.includes('\0')) throw invalid('the name of a collection is empty or holds NUL');
  if (limits.nameBytes !== undefined && Buffer.byteLength(spec.name) > limits.nameBytes) {
    throw invalid(`the name '${spec.name}' is over this database's limit of ${limits.nameBytes} bytes`, 'too_large');
  }
  if (spec.partitioned && !capabilities.partitions) throw unsupported('this database has no partitions');
  const names = spec.vectors.map(vector => vector.name);
  if (new Set(names).size !== names.length) throw invalid('two vectors of the collection have one name');
  if (!capabilities.namedVectors && names.length > 1) {
    throw unsupported('this database has one vector per record, without a choice of names');
  }
  for (const vector of spec.vectors) checkVector(vector, capabilities);
}

function checkVector(vector: VectorSpec, capabilities: Capabilities): void {
  const { vectorKinds, elements } = capabilities;
  const title = vector.name === '' ? 'the vector' : `vector '${vector.name}'`;
  if (!vectorKinds.includes(vector.kind)) {
    throw unsupported(`this database has no ${vector.kind} vectors`, `It has: ${vectorKinds.join(', ')}.`);
  }
  if (vector.kind === 'dense' && !elements.includes(vector.element)) {
    throw unsupported(`this database has no vectors of ${vector.element}`, `It has: ${elements.join(', ')}.`);
  }
  checkMetric(vector.metric, vector, capabilities);
  const { dimension: most } = vectorBounds(capabilities, vector);
  if (vector.dimension === null) {
    if (vector.kind !== 'sparse') throw invalid(`${title} has no dimension`);
    return;
  }
  if (!Number.isSafeInteger(vector.dimension) || vector.dimension < 1) {
    throw invalid(`${title} has a dimension that is not a whole number above 0`);
  }
  if (most !== undefined && vector.dimension > most) {
    throw invalid(`${title} has ${vector.dimension} dimensions, this database allows ${most}`, 'too_large');
  }
}

/** Throws `unsupported` for a metric by which this database does not compare such vectors. */
export function checkMetric(
  metric: Metric | null | undefined,
  vector: Pick<VectorSpec, 'kind' | 'element'>,
  capabilities: Capabilities,
): void {
  const { metrics } = vectorBounds(capabilities, vector);
  if (metric == null || metrics.includes(metric)) return;
  const elsewhere = [...capabilities.metrics, ...(capabilities.bits?.metrics ?? [])].includes(metric);
  const of = elsewhere ? ` for vectors of ${vector.element}` : '';
  throw unsupported(`this database has no metric ${metric}${of}`, `It has${of}: ${metrics.join(', ')}.`);
}

function unsupported(message: string, hint?: string): VdbError {
  return new VdbError('unsupported', message, { outcome: 'not_applied', ...(hint !== undefined && { hint }) });
}
