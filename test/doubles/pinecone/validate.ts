import { type Metadata, Refused } from './matchFilter.ts';
import type { StoredVector } from './namespaceStore.ts';

const METADATA_BYTES = 40_960;

export interface IndexShape {
  kind: 'dense' | 'sparse';
  dimension: number | null;
  metric: string;
}

/** One record of an upsert as the server keeps it, or Refused with the server's words. */
export function storedVector(given: unknown, shape: IndexShape): StoredVector {
  const { id, values, sparseValues, metadata } = given as Record<string, unknown>;
  if (typeof id !== 'string' || id === '') throw new Refused('Vector ID must not be empty');
  if (!/^[\x00-\x7f]*$/.test(id)) throw new Refused(`Vector ID must be ASCII, but got '${id}'`);
  if (id.length > 512) throw new Refused(`Vector ID is too long: ${id.length} exceeds the limit of 512`);
  const stored: StoredVector = { id, values: new Float32Array(0) };
  if (shape.kind === 'dense') stored.values = denseValues(values, id, shape.dimension!);
  else if (Array.isArray(values) && values.length > 0) throw new Refused('A sparse index takes no dense values');
  if (sparseValues !== undefined && sparseValues !== null) stored.sparse = sparseOf(sparseValues, id);
  if (shape.kind === 'sparse' && !stored.sparse) throw new Refused(`Vector ID '${id}' has no sparse values`);
  if (metadata !== undefined && metadata !== null) stored.metadata = metadataOf(metadata, id);
  return stored;
}

/** A query's dense vector; zeros are allowed there. */
export function queryValues(values: unknown, dimension: number): Float32Array {
  return floats(values, 'The query vector', dimension);
}

function denseValues(values: unknown, id: string, dimension: number): Float32Array {
  const vector = floats(values, 'Vector', dimension);
  if (!vector.some(value => Math.abs(value) >= 1e-8)) {
    throw new Refused(`Dense vectors must contain at least one non-zero value. Vector ID '${id}' contains only zeros`);
  }
  return vector;
}

function floats(values: unknown, what: string, dimension: number): Float32Array {
  if (!Array.isArray(values) || !values.every(value => typeof value === 'number')) {
    throw new Refused(`${what} values must be a list of numbers`);
  }
  if (values.length !== dimension) {
    throw new Refused(`Vector dimension ${values.length} does not match the dimension of the index ${dimension}`);
  }
  return finite(Float32Array.from(values));
}

function finite(values: Float32Array): Float32Array {
  if (!values.every(Number.isFinite)) throw new Refused('Vector values must be finite');
  return values;
}

export function sparseOf(given: unknown, id: string): NonNullable<StoredVector['sparse']> {
  const { indices, values } = given as { indices?: unknown; values?: unknown };
  if (!Array.isArray(indices) || !Array.isArray(values) || indices.length !== values.length || indices.length === 0) {
    throw new Refused(`Sparse values of '${id}' need as many indices as values, and at least one`);
  }
  if (!indices.every(index => Number.isInteger(index) && index >= 0 && index < 2 ** 32)) {
    throw new Refused('Sparse indices are unsigned 32-bit integers');
  }
  if (new Set(indices).size !== indices.length) throw new Refused('Sparse indices must be unique');
  return { indices: indices as number[], values: finite(Float32Array.from(values as number[])) };
}

function metadataOf(given: unknown, id: string): Metadata {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw new Refused('Metadata is no object');
  let bytes = 0;
  for (const [key, value] of Object.entries(given)) {
    if (key.startsWith('$')) throw new Refused(`Metadata field '${key}' of '${id}' begins with $`);
    bytes += Buffer.byteLength(key) + sizeOf(value, key);
  }
  if (bytes > METADATA_BYTES) {
    throw new Refused(`Metadata size is ${bytes} bytes, which exceeds the limit of ${METADATA_BYTES} bytes per vector`);
  }
  return given as Metadata;
}

function sizeOf(value: unknown, key: string): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return 8;
  if (typeof value === 'boolean') return 1;
  if (Array.isArray(value) && value.length > 0 && value.every(item => typeof item === 'string')) {
    return value.reduce((sum, item) => sum + Buffer.byteLength(item), 0);
  }
  throw new Refused(
    `Metadata value must be a string, number, boolean or list of strings, got '${JSON.stringify(value)}' for field '${key}'`,
  );
}
