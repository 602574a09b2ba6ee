import { VdbError } from '../../model/errors.ts';
import type { QueryParams } from '../../protocol/methods/record.ts';
import { readText } from './inputFile.ts';

const LARGEST_VECTOR_BYTES = 4 * 1024 * 1024;

/** A vector given as JSON, as `@FILE` that holds it, or as `-` for stdin. Throws `usage`. */
export async function vectorFrom(given: string): Promise<NonNullable<QueryParams['vector']>> {
  const path = given === '-' ? '-' : given.startsWith('@') ? given.slice(1) : undefined;
  const text = path === undefined ? given : await readText(path, LARGEST_VECTOR_BYTES);
  const value = parseJson(text);
  if (isNumbers(value)) return value;
  if (Array.isArray(value) && value.length > 0 && value.every(isNumbers)) return value;
  if (isSparse(value)) return value;
  throw notVector();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notVector();
  }
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every(item => typeof item === 'number');
}

function isSparse(value: unknown): value is { indices: number[]; values: number[] } {
  const { indices, values } = (value ?? {}) as { indices?: unknown; values?: unknown };
  return isNumbers(indices) && isNumbers(values) && indices.length === values.length;
}

function notVector(): VdbError {
  return new VdbError('usage', '--vector is not a vector in JSON', {
    hint: 'Write [0.1,0.2], {"indices":[3],"values":[0.5]} or [[0.1],[0.2]], or @FILE or - to read it.',
  });
}
