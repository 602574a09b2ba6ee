import type { Call, SearchRequest, SearchResult } from '../../core/connector.ts';
import { selectRows } from '../../model/batch.ts';
import { VdbError } from '../../model/errors.ts';
import { matcher } from '../../model/filter/evaluate.ts';
import { type Id, idKey } from '../../model/id.ts';
import { isPresent, type RecordBatch, type Want } from '../../model/record.ts';
import { fetchRecords, fetchStored } from './fetch.ts';
import type { Branch } from './filter/branches.ts';
import { nativeBranches } from './filter/split.ts';
import type { IndexInfo } from './indexInfo.ts';
import type { Link } from './link.ts';
import { DEFAULT_NAMESPACE } from './namespaces.ts';
import { RecordReader } from './records/recordReader.ts';
import type { QueryBody } from './wire/dataPlane.ts';
import { BadAnswer } from './wire/httpFailure.ts';

export const MOST_HITS = 10_000;
/** A result is at most 4 MB, and a record's metadata 40 KB. */
const WHOLE_HITS = 50;
const RESULT_BYTES = 2_000_000;
/** A component of a vector in JSON. */
const COMPONENT_BYTES = 14;

interface Hit {
  stored: string;
  raw: number;
}

/**
 * Ranks one partition. Pinecone's raw scores: cosine and dot product as they are, euclidean the square of the distance (the
 * lower the better), which its documents say of the order but not of the square.
 */
export async function search(
  link: Link,
  info: IndexInfo,
  partition: string,
  request: SearchRequest,
  call: Call,
): Promise<SearchResult> {
  const place = await rankedPlace(link, info, partition, call);
  const everything: Branch[] = [{ excluded: [], where: { filter: true, keys: new Set() } }];
  const branches = request.filter ? await nativeBranches(link, info, [place], request.filter, call) : everything;
  const found = new Map<string, Hit>();
  const known = new Map<string, { batch: RecordBatch; row: number }>();
  for (const branch of branches) {
    if (branch.where.filter === false) continue;
    const { hits, batch, stored } = branch.ids
      ? await scoreIds(link, info, place, branch.ids, request, call)
      : await query(link, info, place, branch, request, call);
    for (const hit of hits) found.set(hit.stored, hit);
    if (batch) for (const [row, id] of stored.entries()) known.set(id, { batch, row });
  }
  const sign = info.metric === 'euclidean' ? 1 : -1;
  let hits = [...found.values()].sort((a, b) => sign * (a.raw - b.raw)).slice(0, request.k);
  let batch: RecordBatch;
  if (branches.length === 1 && hits.every(({ stored }) => known.has(stored)) && hits.length > 0) {
    const first = known.get(hits[0]!.stored)!.batch;
    batch = selectRows(
      first,
      hits.map(({ stored }) => known.get(stored)!.row),
    );
  } else {
    const texts = hits.map(({ stored }) => stored);
    const fetched = await fetchStored(link, info, place, texts, request.want, call);
    const there = new Set(fetched.stored);
    hits = hits.filter(({ stored }) => there.has(stored));
    batch = fetched.batch;
  }
  const neutral = (raw: number): number => (info.metric === 'euclidean' ? -Math.sqrt(Math.max(0, raw)) : raw);
  return {
    batch,
    scores: Float64Array.from(hits, ({ raw }) => neutral(raw)),
    rawScores: Float64Array.from(hits, ({ raw }) => raw),
  };
}

/** Without a name the default partition, when there is no other that could be meant. Throws `usage` with the list. */
async function rankedPlace(link: Link, info: IndexInfo, partition: string, call: Call): Promise<string> {
  if (partition !== '') return partition === DEFAULT_NAMESPACE ? '' : partition;
  const others = (await link.knownPlaces(info, call)).filter(place => place !== '');
  if (others.length === 0) return '';
  const listed = others.slice(0, 20).join(', ') + (others.length > 20 ? ', …' : '');
  throw new VdbError('usage', `index '${info.name}' has partitions, and a query ranks one of them`, {
    outcome: 'not_applied',
    hint: `Name one with --partition: ${DEFAULT_NAMESPACE}, ${listed}.`,
  });
}

interface Ranked {
  hits: Hit[];
  /** Of the hits, where the answer held them whole. */
  batch?: RecordBatch;
  stored: string[];
}

async function query(
  link: Link,
  info: IndexInfo,
  place: string,
  { where, excluded }: Branch,
  request: SearchRequest,
  call: Call,
): Promise<Ranked> {
  const { want } = request;
  const topK = Math.min(MOST_HITS, request.k + excluded.length);
  const vectors = want.vectors !== false;
  const fits = !vectors || topK * (info.dimension ?? 1000) * COMPONENT_BYTES <= RESULT_BYTES;
  const whole = topK <= WHOLE_HITS && fits;
  const body: QueryBody = {
    topK,
    ...(where.filter !== true && { filter: where.filter }),
    includeValues: whole && vectors,
    includeMetadata: whole,
    ...queryVector(info, request),
  };
  const reader = new RecordReader({ info, want, partition: place, documentField: link.settings.documentField });
  const left = new Set(excluded.map(idKey));
  const { body: text } = await link.data.query(info.url, place, body, call);
  // Without metadata nothing tells derived ids, so what is left out is looked at behind the fetch.
  reader.read(text, (_, { id }) => !whole || !left.has(idKey(id)));
  const hits = reader.met.map(({ stored, score }) => {
    if (score === undefined || Number.isNaN(score)) throw new BadAnswer('a match without a score');
    return { stored, raw: score };
  });
  if (whole) return { hits, batch: reader.finish(), stored: hits.map(({ stored }) => stored) };
  const fetched = await fetchStored(
    link,
    info,
    place,
    hits.map(({ stored }) => stored),
    want,
    call,
    ({ id }) => !left.has(idKey(id)),
  );
  const there = new Set(fetched.stored);
  return { hits: hits.filter(({ stored }) => there.has(stored)), batch: fetched.batch, stored: fetched.stored };
}

function queryVector(info: IndexInfo, { vector, using }: SearchRequest): Pick<QueryBody, 'vector' | 'sparseVector'> {
  if (vector instanceof Float32Array) return { vector: [...vector] };
  const { indices, values } = vector as { indices: Uint32Array; values: Float32Array };
  const sparseVector = { indices: [...indices], values: [...values] };
  // A dense index wants a dense vector too; zeros add nothing to the dot product.
  return using === '' ? { sparseVector } : { vector: new Array(info.dimension!).fill(0), sparseVector };
}

/** Pinecone cannot rank given ids, so they are fetched and scored here, as it would. */
async function scoreIds(
  link: Link,
  info: IndexInfo,
  place: string,
  ids: readonly Id[],
  request: SearchRequest,
  call: Call,
): Promise<Ranked> {
  const want: Want = { vectors: true, metadata: true, document: true };
  const matches = matcher(request.filter!);
  const { batch, stored } = await fetchRecords(link, info, place, ids, want, call, ({ id, metadata }) =>
    matches(id, metadata),
  );
  const hits = stored.flatMap((text, row) => {
    const raw = rawScore(info, request, batch, row);
    return raw === undefined ? [] : [{ stored: text, raw }];
  });
  return { hits, stored: [] };
}

function rawScore(
  info: IndexInfo,
  { vector, using }: SearchRequest,
  batch: RecordBatch,
  row: number,
): number | undefined {
  const column = batch.vectors.find(({ name }) => name === using);
  if (!column || !isPresent(column, row)) return undefined;
  if (column.kind === 'sparse') {
    const { indices, values } = vector as { indices: Uint32Array; values: Float32Array };
    const asked = new Map(Array.from(indices, (index, at) => [index, values[at]!]));
    let sum = 0;
    for (let at = column.offsets[row]!; at < column.offsets[row + 1]!; at++) {
      sum += column.values[at]! * (asked.get(column.indices[at]!) ?? 0);
    }
    return sum;
  }
  const [a, b] = [vector as Float32Array, column.values as Float32Array];
  const start = row * a.length;
  let [dot, aa, bb, squares] = [0, 0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]!, b[start + i]!];
    dot += x * y;
    aa += x * x;
    bb += y * y;
    squares += (x - y) ** 2;
  }
  if (info.metric === 'euclidean') return squares;
  if (info.metric === 'dot') return dot;
  return aa === 0 || bb === 0 ? 0 : dot / Math.sqrt(aa * bb);
}
