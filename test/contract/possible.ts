import type { Facts } from './facts.ts';

/** What each database is able to keep, whatever the connector makes of it. The facts must reach it. */
export interface Possible {
  group: string;
  row: string;
  provider: string;
  /** True: without the sidecar. False: at least with it. */
  native: boolean;
}

const PROVIDERS = ['qdrant', 'chroma', 'pinecone', 'weaviate', 'pgvector', 'neo4j'] as const;

/** Row → a letter for each provider in that order: n natively, k kept with the sidecar's help, - nothing is asked. */
const TABLE: Record<string, Record<string, string>> = {
  Ids: {
    text: 'k n n k n n',
    'text with `/`, spaces, quotes, backslash, emoji': 'k n n k n n',
    UUID: 'n n n n n n',
    'integer 7': 'n k k k n n',
    'integer −5': 'k k k k n n',
    'integer 9007199254740993 (over 2^53)': 'n k k k n n',
    'integer 2^64−1': 'n k k k n k',
  },
  Metadata: {
    string: 'n n n n n n',
    boolean: 'n n n n n n',
    null: 'n k k k n k',
    integer: 'n n k n n n',
    'integer 9007199254740993': 'n n k k n n',
    'integer 18446744073709551615 (over int64)': 'k k k k n k',
    'float 0.1': 'n n n n n n',
    'float 1.0': 'n n k n n n',
    'float -0.0': '- - - - - n',
    'array of strings': 'n n n n n n',
    'array of integers': 'n n k n n n',
    'array of floats': 'n n k n n n',
    'array of booleans': 'n n k n n n',
    'array, mixed': 'n k k k n k',
    'array, nested': 'n k k k n k',
    'array, empty': 'n k k n n n',
    'object, nested': 'n k k k n k',
    'object, empty': 'n k k k n k',
    '`{"$date":…}`': 'n n n n n n',
    '`{"$geo":…}`': 'n k k n k n',
    '`{"$bytes":…}`': 'k k k n n n',
    'plain key': 'n n n n n n',
    'empty key': 'n k n k n n',
    'key with a dot': 'n n n k n n',
    'key with a backtick': 'n n n k n n',
    'key with `$`': 'n k k k n n',
    'keys `id`, `vector`, `document`, `metadata`': 'n n n k n n',
    '40,000 bytes': 'n n n n n n',
    '100,000 bytes': 'n n - n n n',
  },
  Documents: {
    text: 'n n n n n n',
    uri: 'k n k k k k',
  },
  'Vectors, euclidean': { plain: 'n n n n n n' },
  'Vectors, cosine': { plain: '- - n n n n' },
  'Several vectors in a record': { 'two named vectors': 'n - - n n n' },
  'Sparse vectors': { sparse: 'n - n - n -' },
  'Multi-vectors': { 'multi, 3 rows': 'n - - n n -' },
  'Vectors of f16': { float16: 'n - - - n -' },
  'Vectors of u8': { uint8: 'n - - - - -' },
  'Vectors of bit': { bits: '- - - - n -' },
};

/** Where the connector keeps with the sidecar what could be native, and why that is better. */
export const SIDECAR_INSTEAD: { provider: string; rows: string[]; why: string }[] = [
  {
    provider: 'pgvector',
    rows: ['integer 7', 'integer −5', 'integer 9007199254740993 (over 2^53)', 'integer 2^64−1'],
    why: 'a table has one key column, of text, so that ids of every kind may stand in it together',
  },
  ...['chroma', 'pinecone'].map(provider => ({
    provider,
    rows: ['`{"$date":…}`'],
    why: 'a time is held as text, which does not tell it from text',
  })),
  {
    provider: 'pinecone',
    rows: ['text with `/`, spaces, quotes, backslash, emoji'],
    why: 'ids are taken to be ASCII, as in its documentation',
  },
  {
    provider: 'neo4j',
    rows: ['`{"$bytes":…}`'],
    why: 'its language cannot tell a byte array from a list, so an update in it would damage one',
  },
  {
    provider: 'weaviate',
    rows: ['float 1.0'],
    why: 'integers that meet floats under a key share the number property, and the sidecar tells which they were',
  },
  {
    provider: 'weaviate',
    rows: ['array, empty'],
    why: 'a list that is empty gives a new property no type; under a key that holds lists it is native',
  },
  {
    provider: 'neo4j',
    rows: ['empty key', 'keys `id`, `vector`, `document`, `metadata`'],
    why: 'no property has an empty name, and those named here are the record’s own',
  },
];

export const POSSIBLE: Possible[] = Object.entries(TABLE).flatMap(([group, rows]) =>
  Object.entries(rows).flatMap(([row, letters]) =>
    letters
      .split(' ')
      .map((letter, i) => ({ group, row, provider: PROVIDERS[i]!, native: letter === 'n', letter }))
      .filter(({ letter }) => letter !== '-')
      .map(({ letter: _, ...cell }) => cell),
  ),
);

/** Whether the facts reach it. */
export function reaches(facts: Facts, { group, row, native }: Possible): boolean {
  const found = facts.fidelity[group]?.[row];
  return found === 'exact' || (found === 'exact*' && !native);
}
