/** A case that a provider cannot pass, and why. It is run all the same, and must fail. */
interface Exception {
  provider: string;
  case: string;
  reason: string;
}

const NO_ZEROS = 'Pinecone refuses dense vectors that are all zeros (|x| < 1e-8)';

export const EXCEPTIONS: readonly Exception[] = [
  { provider: 'pinecone', case: 'float32 vectors come back bit for bit', reason: NO_ZEROS },
  ...['cosine', 'dot', 'euclidean'].map(metric => ({
    provider: 'pinecone',
    case: `search by ${metric} gives numbers for zero and subnormal vectors`,
    reason: NO_ZEROS,
  })),
];

export function exceptionFor(provider: string, caseName: string): string | undefined {
  return EXCEPTIONS.find(entry => entry.provider === provider && entry.case === caseName)?.reason;
}
