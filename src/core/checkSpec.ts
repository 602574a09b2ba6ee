import type { Capabilities } from '../model/capabilities.ts';
import type { CollectionSpec, VectorSpec } from '../model/collection.ts';
import { VdbError } from '../model/errors.ts';
import { invalid } from './checkBatch.ts';

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

function checkVector(vector: VectorSpec, { metrics, vectorKinds, elements, limits }: Capabilities): void {
  const title = vector.name === '' ? 'the vector' : `vector '${vector.name}'`;
  if (!vectorKinds.includes(vector.kind)) {
    throw unsupported(`this database has no ${vector.kind} vectors`, `It has: ${vectorKinds.join(', ')}.`);
  }
  if (vector.kind === 'dense' && !elements.includes(vector.element)) {
    throw unsupported(`this database has no vectors of ${vector.element}`, `It has: ${elements.join(', ')}.`);
  }
  if (vector.metric !== null && !metrics.includes(vector.metric)) {
    throw unsupported(`this database has no metric ${vector.metric}`, `It has: ${metrics.join(', ')}.`);
  }
  if (vector.dimension === null) {
    if (vector.kind !== 'sparse') throw invalid(`${title} has no dimension`);
    return;
  }
  if (!Number.isSafeInteger(vector.dimension) || vector.dimension < 1) {
    throw invalid(`${title} has a dimension that is not a whole number above 0`);
  }
  if (limits.dimension !== undefined && vector.dimension > limits.dimension) {
    throw invalid(`${title} has ${vector.dimension} dimensions, this database allows ${limits.dimension}`, 'too_large');
  }
}

function unsupported(message: string, hint?: string): VdbError {
  return new VdbError('unsupported', message, { outcome: 'not_applied', ...(hint !== undefined && { hint }) });
}
