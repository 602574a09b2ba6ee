import type { CollectionSpec, VectorSpec } from '../../src/model/collection.ts';
import { bareRecord, pseudoRandom, record } from './records.ts';

/** One row of docs/fidelity.md: records whose way into a collection and back is looked at. */
export interface Row {
  title: string;
  /** Lines of each write in turn; each write is given two plain records besides, one before and one behind. */
  writes: string[][];
}

/** Rows that share a collection. */
export interface RowGroup {
  title: string;
  /** Absent: the suite's own collection. */
  spec?: Partial<CollectionSpec>;
  /** A plain record of this collection. */
  plain(id: string): string;
  rows: Row[];
}

/** UUIDs, which every database keeps as they are: what is found in the sidecar then belongs to the row. */
export function uuid(n: number): string {
  return `6b823629-a1f3-5d20-9b77-${n.toString(16).padStart(12, '0')}`;
}

const ID = uuid(1);

function vectors(...specs: Partial<VectorSpec>[]): Partial<CollectionSpec> {
  return {
    vectors: specs.map(spec => ({
      name: '',
      kind: 'dense',
      dimension: 3,
      metric: 'euclidean',
      element: 'f32',
      ...spec,
    })),
  };
}

const one = (title: string, ...lines: string[]): Row => ({ title, writes: [lines] });

let fields = 0;

/** The values stand under a key of their own, so that no row decides on the type of another's. */
function values(title: string, ...texts: string[]): Row {
  const key = `field${fields++}`;
  return one(title, ...texts.map((text, i) => record(uuid(i + 1), { metadata: `{"${key}":${text}}` })));
}

const keys = (title: string, ...names: string[]): Row =>
  one(title, record(ID, { metadata: `{${names.map((name, i) => `${JSON.stringify(name)}:${i}`).join(',')}}` }));

const vector = (title: string, text: string): Row => one(title, record(ID, { vector: text }));

const HOSTILE = 'a/b c \'d\' "e" `f` \\ 👋🏽';
const SUBNORMAL = '[1e-45,-0.0,1]';
/** All zero to Pinecone. */
const TINY = '[1e-45,-0.0,1.1754942e-38]';

function wide(seed: number): string {
  const random = pseudoRandom(seed);
  return `[${Array.from({ length: 1536 }, () => Math.fround(random())).join(',')}]`;
}

const IDS: Row[] = [
  one('text', record('doc-1')),
  one('text with `/`, spaces, quotes, backslash, emoji', record(HOSTILE)),
  one('UUID', record(ID)),
  one('UUID in upper case', record(ID.toUpperCase())),
  one('integer 7', record(7n)),
  one('integer −5', record(-5n)),
  one('integer 9007199254740993 (over 2^53)', record(9007199254740993n)),
  one('the same digits as text', record('9007199254740993')),
  one('integer 2^64−1', record(2n ** 64n - 1n)),
  one('an integer and the same digits as text, both in one collection', record(7n), record('7')),
];

const METADATA: Row[] = [
  one('none', record(ID)),
  values('string', '"text"'),
  values('string with NUL', '"a\\u0000b"'),
  values('boolean', 'true', 'false'),
  values('null', 'null'),
  values('integer', '7'),
  values('integer 9007199254740993', '9007199254740993'),
  values('integer 18446744073709551615 (over int64)', '18446744073709551615'),
  values('float 0.1', '0.1'),
  values('float 1.0', '1.0'),
  values('float -0.0', '-0.0'),
  values('float 1e21', '1e21'),
  values('array of strings', '["a","b"]'),
  values('array of integers', '[1,2]'),
  values('array of floats', '[1.5,2.5]'),
  values('array of booleans', '[true,false]'),
  values('array, mixed', '[1,"a",true,null]'),
  values('array, nested', '[[1],[2,[3]]]'),
  values('array, empty', '[]'),
  values('object, nested', '{"a":{"b":[{"c":null}]}}'),
  values('object, empty', '{}'),
  values('`{"$date":…}`', '{"$date":"2024-01-31T12:00:00Z"}'),
  values('`{"$date":…}` with offset and microseconds', '{"$date":"2024-01-31T12:00:00.123456+02:00"}'),
  values('`{"$geo":…}`', '{"$geo":{"lat":1.5,"lon":-2.0}}'),
  values('`{"$bytes":…}`', '{"$bytes":"AAEC"}'),
  keys('plain key', 'price'),
  keys('empty key', ''),
  keys('key with a dot', 'a.b'),
  keys('key with a backtick', 'a`b'),
  keys('key with `$`', '$x'),
  keys('keys `id`, `vector`, `document`, `metadata`', 'id', 'vector', 'document', 'metadata'),
  keys('keys that differ only in case', 'Price', 'price'),
  {
    title: 'a key first integer, then float',
    writes: [[record(uuid(1), { metadata: '{"turns":1}' })], [record(uuid(2), { metadata: '{"turns":2.5}' })]],
  },
  {
    title: 'a key first integer, then text',
    writes: [[record(uuid(1), { metadata: '{"changes":1}' })], [record(uuid(2), { metadata: '{"changes":"one"}' })]],
  },
  values('40,000 bytes', `"${'x'.repeat(39_900)}"`),
  values('100,000 bytes', `"${'x'.repeat(99_900)}"`),
];

const DOCUMENTS: Row[] = [
  one('text', record(ID, { document: 'Grüße, 世界 👋\n\t"quoted" \\ back\r\n' })),
  one('empty', record(ID, { document: '' })),
  one('empty beside none', record(uuid(1), { document: '' }), record(uuid(2))),
  one('with NUL', record(ID, { document: 'a\u0000b' })),
  one('uri', record(ID, { document: 'd', uri: 'https://example.com/a?b=c#d' })),
];

const small = (id: string) => record(id);

export const GROUPS: RowGroup[] = [
  { title: 'Ids', plain: small, rows: IDS },
  { title: 'Metadata', plain: small, rows: METADATA },
  { title: 'Documents', plain: small, rows: DOCUMENTS },
  {
    title: 'Vectors, euclidean',
    spec: vectors({}),
    plain: small,
    rows: [
      vector('plain', '[0.1,-0.7,123456.789]'),
      vector('all zero', '[0,0,0]'),
      vector('a subnormal number and -0.0', SUBNORMAL),
      vector('all numbers subnormal', TINY),
      vector('largest float32', '[3.4028234663852886e38,-3.4028234663852886e38,1e-10]'),
      one('record without its vector', bareRecord(ID, { document: 'd' })),
    ],
  },
  {
    title: 'Vectors, cosine',
    spec: vectors({ metric: 'cosine' }),
    plain: small,
    rows: [
      vector('plain', '[0.1,-0.7,2.5]'),
      vector('all zero', '[0,0,0]'),
      vector('a subnormal number and -0.0', SUBNORMAL),
      vector('all numbers subnormal', TINY),
      vector('shorter than 3e-4', '[1e-5,-1e-5,1e-4]'),
      one('record without its vector', bareRecord(ID, { document: 'd' })),
    ],
  },
  {
    title: 'Vectors, dot',
    spec: vectors({ metric: 'dot' }),
    plain: small,
    rows: [vector('plain', '[0.1,-0.7,2.5]'), vector('all zero', '[0,0,0]')],
  },
  {
    title: 'Vectors, euclidean, 1,536 dimensions',
    spec: vectors({ dimension: 1536 }),
    plain: id => record(id, { vector: wide(1) }),
    rows: [vector('plain', wide(2))],
  },
  {
    title: 'Vectors, cosine, 1,536 dimensions',
    spec: vectors({ dimension: 1536, metric: 'cosine' }),
    plain: id => record(id, { vector: wide(1) }),
    rows: [vector('plain', wide(2))],
  },
  {
    title: 'Several vectors in a record',
    spec: vectors({ name: 'title', dimension: 2 }, { name: 'body Text' }),
    plain: id => record(id, { vectors: { title: '[1,2]', 'body Text': '[1,2,3]' } }),
    rows: [
      one('two named vectors', record(ID, { vectors: { title: '[1,-0.0]', 'body Text': '[1e-45,2,3]' } })),
      one('one of two named vectors', record(ID, { vectors: { title: '[0.5,0.25]' } })),
    ],
  },
  {
    title: 'Sparse vectors',
    spec: vectors({ kind: 'sparse', dimension: null, metric: 'dot' }),
    plain: id => record(id, { vector: '{"indices":[1],"values":[1]}' }),
    rows: [vector('sparse', '{"indices":[0,7,4000000],"values":[0.1,-2,1e-10]}')],
  },
  {
    title: 'Multi-vectors',
    spec: vectors({ kind: 'multi', dimension: 2, metric: 'dot' }),
    plain: id => record(id, { vector: '[[1,2]]' }),
    rows: [vector('multi, 3 rows', '[[0.1,-0.0],[1e-45,2],[3,4]]'), vector('multi, no rows', '[]')],
  },
  ...(['f16', 'u8', 'bit'] as const).map((element): RowGroup => {
    const numbers = element === 'f16' ? '[0.5,-2,65504]' : element === 'u8' ? '[0,7,255]' : '[1,0,1,0,0,0,0,1,0,0,1,1]';
    const dimension = element === 'bit' ? 12 : 3;
    return {
      title: `Vectors of ${element}`,
      spec: vectors({ element, dimension, metric: element === 'bit' ? 'hamming' : 'euclidean' }),
      plain: id => record(id, { vector: element === 'bit' ? '[1,1,1,1,0,0,0,0,1,1,1,1]' : '[1,2,3]' }),
      rows: [vector({ f16: 'float16', u8: 'uint8', bit: 'bits' }[element], numbers)],
    };
  }),
];
