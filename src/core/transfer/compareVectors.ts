import { isPresent, type VectorColumn } from '../../model/record.ts';
import type { VectorRule } from './vectorRule.ts';
import { roundToHalf } from './widen.ts';

const TOLERANCE = 1e-6;

/** Whether a record has the same vector on both sides; an absent column is a vector that no record has. */
export function sameVector(
  source: VectorColumn | undefined,
  sourceRow: number,
  target: VectorColumn | undefined,
  targetRow: number,
  rule: VectorRule | undefined,
): boolean {
  const here = source !== undefined && isPresent(source, sourceRow);
  const there = target !== undefined && isPresent(target, targetRow);
  if (!here || !there) return here === there;
  if (source.kind === 'dense' && target.kind === 'dense') {
    if (source.dimension !== target.dimension || source.element !== target.element) return false;
    const a = denseRow(source.values, source.dimension, source.element, sourceRow);
    const b = denseRow(target.values, target.dimension, target.element, targetRow);
    if (!rule || source.element !== 'f32') return sameBits(a, b);
    return sameUnder(rule, a as Float32Array, b as Float32Array);
  }
  if (source.kind === 'sparse' && target.kind === 'sparse') {
    const a = sparseRow(source, sourceRow);
    const b = sparseRow(target, targetRow);
    return (
      sameBits(a.indices, b.indices) && (rule ? sameUnder(rule, a.values, b.values) : sameBits(a.values, b.values))
    );
  }
  if (source.kind === 'multi' && target.kind === 'multi' && source.dimension === target.dimension) {
    const a = multiRow(source, sourceRow);
    const b = multiRow(target, targetRow);
    return rule ? sameUnder(rule, a, b) : sameBits(a, b);
  }
  return false;
}

type Numbers = Float32Array | Uint16Array | Uint8Array | Uint32Array;

function denseRow(values: Numbers, dimension: number, element: string, row: number): Numbers {
  const width = element === 'bit' ? Math.ceil(dimension / 8) : dimension;
  return values.subarray(row * width, (row + 1) * width);
}

/** Explicit zeros say nothing. */
function sparseRow(
  column: Extract<VectorColumn, { kind: 'sparse' }>,
  row: number,
): { indices: Uint32Array; values: Float32Array } {
  const [start, end] = [column.offsets[row]!, column.offsets[row + 1]!];
  const indices = column.indices.subarray(start, end);
  const values = column.values.subarray(start, end);
  if (!values.includes(0)) return { indices, values };
  return { indices: indices.filter((_, i) => values[i] !== 0), values: values.filter(value => value !== 0) };
}

function multiRow(column: Extract<VectorColumn, { kind: 'multi' }>, row: number): Float32Array {
  return column.values.subarray(column.offsets[row]! * column.dimension, column.offsets[row + 1]! * column.dimension);
}

function sameBits(a: Numbers, b: Numbers): boolean {
  return Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
}

function bytesOf(values: Numbers): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/**
 * The original numbers go through the store's change, then both are compared as closely as that change is exact. What is
 * stored as it was given is the same whatever the rule: very short vectors are not normalised (Qdrant 1.18, tools.rs).
 */
function sameUnder({ transform, by }: VectorRule, source: Float32Array, target: Float32Array): boolean {
  const [original, stored] = by === 'target' ? [source, target] : [target, source];
  if (original.length !== stored.length) return false;
  if (sameBits(original, stored)) return true;
  if (transform === 'f16') return sameBits(original.map(roundToHalf), stored.map(roundToHalf));
  return close(transform === 'normalized' ? normalized(original) : original, stored);
}

function normalized(values: Float32Array): Float32Array {
  let sum = 0;
  for (const value of values) sum += value * value;
  const length = Math.sqrt(sum);
  return length === 0 ? values : values.map(value => value / length);
}

function close(a: Float32Array, b: Float32Array): boolean {
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    if (x !== y && !(Math.abs(x - y) <= TOLERANCE * Math.max(Math.abs(x), Math.abs(y), 1e-6))) return false;
  }
  return true;
}
