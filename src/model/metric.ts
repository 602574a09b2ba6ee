/** Metrics by meaning. What each database calls them, and its raw score, is its connector's matter. */
export type Metric = 'cosine' | 'dot' | 'euclidean' | 'manhattan' | 'hamming' | 'jaccard';

export const METRICS: readonly Metric[] = ['cosine', 'dot', 'euclidean', 'manhattan', 'hamming', 'jaccard'];
