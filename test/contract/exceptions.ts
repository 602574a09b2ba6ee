/** A case that a provider cannot pass, and why. It is run all the same, and must fail. */
interface Exception {
  provider: string;
  case: string;
  reason: string;
  /** Where the database's own documentation says so. */
  link: string;
}

const NO_ZEROS = {
  provider: 'pinecone',
  reason: 'Pinecone refuses dense vectors that are all zeros (|x| < 1e-8)',
  link: 'https://www.pinecone.io/docs/limits/',
};

export const EXCEPTIONS: readonly Exception[] = [
  { ...NO_ZEROS, case: 'float32 vectors come back bit for bit' },
  ...['cosine', 'dot', 'euclidean'].map(metric => ({
    ...NO_ZEROS,
    case: `search by ${metric} gives numbers for zero and subnormal vectors`,
  })),
];

export function exceptionFor(provider: string, caseName: string): string | undefined {
  return EXCEPTIONS.find(entry => entry.provider === provider && entry.case === caseName)?.reason;
}
