import { expect, test } from 'vitest';
import { sameVector } from '../../../src/core/transfer/compareVectors.ts';
import type { VectorRule } from '../../../src/core/transfer/vectorRule.ts';
import type { DenseColumn } from '../../../src/model/record.ts';

function column(...numbers: number[]): DenseColumn {
  return { name: '', kind: 'dense', element: 'f32', dimension: numbers.length, values: Float32Array.from(numbers) };
}

const NORMALIZED: VectorRule = { transform: 'normalized', by: 'target' };

test.each([
  ['normalised', [3, 4], [0.6, 0.8], true],
  ['too short to be normalised, and kept as it is', [1e-5, -1e-5], [1e-5, -1e-5], true],
  ['too short, and changed all the same', [1e-5, -1e-5], [1e-5, -2e-5], false],
  ['of another direction', [3, 4], [0.8, 0.6], false],
])('a vector %s', (_, source, target, same) => {
  expect(sameVector(column(...source), 0, column(...target), 0, NORMALIZED)).toBe(same);
});
