import type { StoredVector } from './namespaceStore.ts';

/** Squared distance, cosine similarity or dot product, in doubles. */
export function scoreOf(
  { values, sparse }: StoredVector,
  dense: Float32Array | undefined,
  asked: StoredVector['sparse'],
  metric: string,
): number | undefined {
  let [dot, aa, bb, squares] = [0, 0, 0, 0];
  for (let i = 0; dense && i < dense.length; i++) {
    dot += dense[i]! * values[i]!;
    aa += dense[i]! ** 2;
    bb += values[i]! ** 2;
    squares += (dense[i]! - values[i]!) ** 2;
  }
  if (metric === 'euclidean') return squares;
  if (metric === 'cosine') return aa === 0 || bb === 0 ? 0 : dot / Math.sqrt(aa * bb);
  const weights = new Map(asked?.indices.map((index, at) => [index, asked.values[at]!]));
  const common = sparse?.indices.flatMap((index, at) =>
    weights.has(index) ? [weights.get(index)! * sparse.values[at]!] : [],
  );
  if (!dense && !common?.length) return undefined;
  return (common ?? []).reduce((sum, each) => sum + each, dot);
}
