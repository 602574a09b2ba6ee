import { float32sText } from '../../../src/model/float32.ts';
import { type Json, type JsonObject, Num, Raw } from './json.ts';
import { badFormat, invalidBody, wrongInput } from './refusal.ts';

export interface VectorConfig {
  size: number;
  distance: 'Cosine' | 'Dot' | 'Euclid' | 'Manhattan';
  datatype?: string;
  multivector_config?: unknown;
}

export type Sparse = { indices: number[]; values: Float32Array };
/** One row for a dense vector. */
export type Stored = Float32Array[] | Sparse;
export type Input = { dense: Float32Array } | { rows: Float32Array[] } | { sparse: Sparse };

export const isSparse = (vector: Stored): vector is Sparse => !Array.isArray(vector);

/**
 * A vector as it was sent. Two rows of which the first holds nothing but integers are taken for a sparse vector, wherever one may
 * stand: the struct of two lists is tried before the list of lists.
 */
export function readInput(json: Json, where: string, named: boolean): Input {
  if (json instanceof Map) return { sparse: readSparse(json, where) };
  if (!Array.isArray(json)) throw badFormat('data did not match any variant of untagged enum VectorStruct');
  if (json.length === 0 || !Array.isArray(json[0])) return { dense: floats(json) };
  const rows = json as Json[][];
  const isPair = rows.length === 2 && rows[0]!.every(item => item instanceof Num && !item.isFloat && item.value >= 0);
  if (named && isPair)
    return { sparse: { indices: rows[0]!.map(item => (item as Num).value), values: floats(rows[1]!) } };
  return { rows: rows.map(floats) };
}

function floats(list: Json[]): Float32Array {
  if (!list.every(item => item instanceof Num))
    throw badFormat('data did not match any variant of untagged enum VectorStruct');
  return Float32Array.from(list as Num[], item => item.value);
}

function readSparse(json: JsonObject, where: string): Sparse {
  const [indices, values] = [json.get('indices'), json.get('values')];
  if (!Array.isArray(indices) || !Array.isArray(values))
    throw badFormat('data did not match any variant of untagged enum Vector');
  const numbers = indices.map(item => (item as Num).value);
  if (numbers.length !== values.length) {
    throw invalidBody(`${where}.values: Validation error: must be the same length as indices [{}]`);
  }
  if (new Set(numbers).size !== numbers.length) {
    throw invalidBody(`${where}.indices: Validation error: must be unique [{}]`);
  }
  const order = numbers.map((_, i) => i).sort((a, b) => numbers[a]! - numbers[b]!);
  const list = floats(values);
  return { indices: order.map(i => numbers[i]!), values: Float32Array.from(order, i => list[i]!) };
}

/** What is kept of a vector: normalised under Cosine, rounded to its data type. */
export function prepare(input: Input, config: VectorConfig, name: string): Float32Array[] {
  if ('sparse' in input) throw wrongInput('Conversion between sparse and regular vectors failed');
  const rows = 'rows' in input ? input.rows : [input.dense];
  for (const row of rows) {
    if (row.length === config.size) continue;
    const which = name === '' ? '' : ` for vector '${name}'`;
    throw wrongInput(`Vector dimension error: expected dim: ${config.size}, got ${row.length}${which}`);
  }
  return rows.map(row =>
    rounded(config.distance === 'Cosine' && config.datatype !== 'uint8' ? normalised(row) : row, config),
  );
}

function rounded(row: Float32Array, { datatype }: VectorConfig): Float32Array {
  if (datatype === 'uint8') return row.map(value => Math.trunc(Math.min(255, Math.max(0, value))));
  return datatype === 'float16' ? row.map(halved) : row;
}

/** Vectors of length 0 or 1, about, stay as they are (segment/src/spaces/tools.rs). */
function normalised(row: Float32Array): Float32Array {
  const squared = row.reduce((sum, value) => Math.fround(sum + Math.fround(value * value)), 0);
  if (squared < 2 ** -23 || Math.abs(squared - 1) <= 1e-6) return row;
  const length = Math.fround(Math.sqrt(squared));
  return row.map(value => value / length);
}

/** To the nearest float16, ties to even. */
function halved(value: number): number {
  const size = Math.abs(value);
  if (size >= 65520) return Math.sign(value) * Number.POSITIVE_INFINITY;
  const step = size < 2 ** -14 ? 2 ** -24 : 2 ** (Math.floor(Math.log2(size)) - 10);
  const units = size / step;
  let whole = Math.floor(units);
  if (units - whole > 0.5 || (units - whole === 0.5 && whole % 2 === 1)) whole++;
  return Math.sign(value) * whole * step;
}

export function vectorJson(vector: Stored, isMulti: boolean): Raw {
  if (isSparse(vector)) return new Raw(`{"indices":[${vector.indices.join(',')}],"values":${rowText(vector.values)}}`);
  return new Raw(isMulti ? `[${vector.map(rowText).join(',')}]` : rowText(vector[0]!));
}

function rowText(row: Float32Array): string {
  if (!row.every(Number.isFinite)) return `[${Array.from(row, f32Text).join(',')}]`;
  return `[${float32sText(row, 0, row.length).replace(/(^|,)(-?\d+)(?=,|$)/g, '$1$2.0')}]`;
}

/** The shortest decimal of a float32, a float token; null when it is no number. */
export function f32Text(value: number): string {
  return Number.isFinite(value) ? rowText(Float32Array.of(value)).slice(1, -1) : 'null';
}
