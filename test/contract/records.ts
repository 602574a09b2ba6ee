/** Lines of records for cases. Parts are given as JSON text where their spelling matters. */

export interface Parts {
  vector?: number[] | string;
  /** Name → JSON text. */
  vectors?: Record<string, string>;
  /** JSON text of an object. */
  metadata?: string;
  document?: string;
  uri?: string;
}

/** A string is a text id, a bigint an integer one. Without `vector` and `vectors` it is [1,2,3]. */
export function record(id: string | bigint, parts: Parts = {}): string {
  const { vector = parts.vectors ? undefined : [1, 2, 3], vectors, metadata, document, uri } = parts;
  const members = [`"id":${typeof id === 'bigint' ? id : JSON.stringify(id)}`];
  if (vector !== undefined) members.push(`"vector":${typeof vector === 'string' ? vector : JSON.stringify(vector)}`);
  if (vectors) {
    const named = Object.entries(vectors).map(([name, text]) => `${JSON.stringify(name)}:${text}`);
    members.push(`"vectors":{${named.join(',')}}`);
  }
  if (metadata !== undefined) members.push(`"metadata":${metadata}`);
  if (document !== undefined) members.push(`"document":${JSON.stringify(document)}`);
  if (uri !== undefined) members.push(`"uri":${JSON.stringify(uri)}`);
  return `{${members.join(',')}}`;
}

/** A record without any vector. */
export function bareRecord(id: string | bigint, parts: Parts = {}): string {
  return record(id, { ...parts, vectors: {} }).replace(/,"vectors":\{\}/, '');
}

/** `count` records with ids `r000`, `r001`, …, vectors (none all zero, which some stores refuse) and metadata that differ. */
export function manyRecords(count: number, metadata: (i: number) => string = i => `{"n":${i}}`): string[] {
  return Array.from({ length: count }, (_, i) =>
    record(`r${String(i).padStart(3, '0')}`, {
      vector: [i + 1, i / 7, -i],
      metadata: metadata(i),
      document: `text ${i}`,
    }),
  );
}

/** The same numbers in every run, between -1 and 1. */
export function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state / 2 ** 31;
  };
}
