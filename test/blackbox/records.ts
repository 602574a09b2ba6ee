import { writeFileSync } from 'node:fs';

/** A small deterministic generator (mulberry32), so that a failure can be replayed. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** The vector as JSON text whose numbers read back to exactly these float32 values. */
export function vectorText(values: Float32Array): string {
  return `[${Array.from(values, value => (Object.is(value, -0) ? '-0.0' : String(value))).join(',')}]`;
}

/** Ordinary records: `n` lines of `dimension` components with a little metadata and a document. */
export function plainRecords(n: number, dimension: number, seed = 1): string[] {
  const next = random(seed);
  return Array.from({ length: n }, (_, i) => {
    const vector = Float32Array.from({ length: dimension }, () => next() * 2 - 1);
    return `{"id":"r${String(i).padStart(6, '0')}","vector":${vectorText(vector)},"metadata":{"n":${i},"half":${i}.5,"tag":"t${i % 7}"},"document":"record number ${i}"}`;
  });
}

/** Records that an ordinary implementation damages, each with what it tries. Vectors have `dimension` components. */
export function oddRecords(dimension: number): string[] {
  const subnormal = new Float32Array(dimension);
  const bits = new Uint32Array(subnormal.buffer);
  for (let i = 0; i < dimension; i++) bits[i] = i % 3 === 0 ? 1 + i : i % 3 === 1 ? 0x80000000 : 0x7f7fffff - i;
  const odd = vectorText(subnormal);
  const plain = vectorText(Float32Array.from({ length: dimension }, (_, i) => 1 / (i + 1)));
  const records: [string, string, string?][] = [
    ['"bits"', '{}'],
    [
      '"int64"',
      '{"big":9007199254740993,"max":9223372036854775807,"min":-9223372036854775808,"u64":18446744073709551615}',
    ],
    ['"one"', '{"kind":1}'],
    ['"one-point-zero"', '{"kind":1.0}'],
    ['"exponents"', '{"a":1e21,"b":1.5e300,"c":-0.0,"d":0.1,"e":5e-324}'],
    ['"nulls"', '{"a":null,"b":{"c":null},"d":[null,1,"x"]}'],
    ['"nested"', '{"deep":{"er":{"est":[1,2.0,{"k":"v"}]}},"mixed":[1,"a",true,null]}'],
    ['"int-then-float-1"', '{"drift":1}'],
    ['"int-then-float-2"', '{"drift":2.5}'],
    ['"int-then-float-3"', '{"drift":3.0}'],
    ['"drift-big"', '{"drift":9007199254740993}'],
    ['"nul"', '{"s":"a\\u0000b","k\\u0000ey":1}', '"a\\u0000b"'],
    ['"empty-key"', '{"":"empty","x":{"":1}}'],
    ['"empty-document"', '{"d":1}', '""'],
    ['"no-document"', '{"d":1}'],
    ['"Ünïcödé 北京 🦊"', '{"text":"Ünïcödé 北京 🦊"}', '"日本語"'],
    ['"with/slash"', '{}'],
    ['"with \\"quotes\\" and \'single\'"', '{}'],
    ['"  spaces  "', '{}'],
    ['"123e4567-e89b-12d3-a456-426614174000"', '{"uuid":true}'],
    ['"123"', '{"digits":"text"}'],
    ['456', '{"digits":"integer"}'],
    ['18446744073709551615', '{"digits":"largest"}'],
    [
      '"keys"',
      '{"_rowid":1,"_distance":0.5,"id":"x","vector":"y","document":"z","a`b":1,"a.b":2,"$c":3,"1":4,"__proto__":5}',
    ],
    ['"lists"', '{"empty":[],"strings":["a","b"],"ints":[1,2],"floats":[1.5,2.0],"bools":[true,false]}'],
    ['"long"', `{"text":"${'x'.repeat(40_000)}"}`],
  ];
  return records.map(
    ([id, metadata, document], i) =>
      `{"id":${id},"vector":${i % 2 === 0 ? odd : plain},"metadata":${metadata}${document === undefined ? '' : `,"document":${document}`}}`,
  );
}

export function writeLines(path: string, lines: string[]): string {
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

/** A record as the parts that must come back, character for character where the text is the record. */
export function canonical(line: string): string {
  const id = /^\{"id":("(?:[^"\\]|\\.)*"|-?\d+)/.exec(line)![1]!;
  const record = JSON.parse(line);
  const metadata = /"metadata":(\{.*\})(?:,"document"|\}$)/.exec(line)![1]!;
  const numbers = new Float32Array(record.vector);
  return JSON.stringify([
    JSON.parse(id.startsWith('"') ? id : `"#${id}"`),
    Buffer.from(numbers.buffer).toString('hex'),
    sortedKeys(metadata),
    record.document,
  ]);
}

/** Metadata text with keys sorted and floats in one spelling; integers and strings stay as text. */
function sortedKeys(text: string): string {
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, token => {
    if (token.startsWith('"')) return token;
    if (!/[.eE]/.test(token)) return `{"int":"${token}"}`;
    return `{"float":"${Object.is(Number(token), -0) ? '-0' : Number(token)}"}`;
  });
  return JSON.stringify(sort(JSON.parse(marked)));
}

function sort(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sort);
  if (value === null || typeof value !== 'object') return value;
  return Object.entries(value)
    .map(([key, member]) => [key, sort(member)])
    .sort((a, b) => ((a[0] as string) < (b[0] as string) ? -1 : 1));
}
