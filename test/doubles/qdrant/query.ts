import type { Collection, Point } from './collection.ts';
import type { Json, JsonObject } from './json.ts';
import { Num, type Printable, Raw } from './json.ts';
import { pointIdOf } from './pointId.ts';
import { notFound, wrongInput } from './refusal.ts';
import { maxSim, shown, similarity, sparseDot } from './score.ts';
import { shownPoint } from './shownPoint.ts';
import { f32Text, type Input, isSparse, prepare, readInput, type Sparse } from './vectors.ts';

export interface Hit {
  point: Point;
  /** Higher is better. */
  similar: number;
  /** What the answer shows. */
  score: number;
}

/** Hits of `points/query`, best first. */
export function query(collection: Collection, body: JsonObject): Hit[] {
  const limit = numberOr(body.get('limit'), 10);
  const offset = numberOr(body.get('offset'), 0);
  const given = body.get('query');
  if (given === undefined || given === null) return scroll(collection, body).slice(offset, offset + limit);
  if (given instanceof Map && given.has('fusion')) return fused(collection, body).slice(offset, offset + limit);
  const hits = nearest(collection, given, body);
  return top(hits, offset + limit).slice(offset);
}

function numberOr(value: Json | undefined, other: number): number {
  return value instanceof Num ? value.value : other;
}

function scroll(collection: Collection, body: JsonObject): Hit[] {
  const test = collection.test(body.get('filter'), 'query_request.filter');
  // Without a query points come by id, all with the score 1 and no version.
  return collection
    .sorted()
    .filter(test)
    .map(point => ({ point: { ...point, version: 0 }, similar: 1, score: 1 }));
}

/** The best `k`, of equal ones the first written; then equal ones the other way round, as the engine's heap leaves them. */
export function top(hits: Hit[], k: number): Hit[] {
  const rank = (hit: Hit) => (Number.isNaN(hit.similar) ? Number.POSITIVE_INFINITY : hit.similar);
  const best = [...hits].sort((a, b) => (rank(a) === rank(b) ? 0 : rank(b) - rank(a))).slice(0, k);
  return best.reverse().sort((a, b) => (rank(a) === rank(b) ? 0 : rank(b) - rank(a)));
}

function nearest(collection: Collection, given: Json, body: JsonObject): Hit[] {
  const using = (body.get('using') as string | undefined) ?? '';
  const test = collection.test(body.get('filter'), 'query_request.filter');
  const { score, self } = scorer(collection, using, given);
  const threshold = body.get('score_threshold');
  const hits: Hit[] = [];
  for (const point of collection.points.values()) {
    if (point === self || !test(point)) continue;
    const similar = score(point);
    if (similar === undefined) continue;
    const distance = collection.dense.get(using)?.distance ?? 'sparse';
    const hit = { point, similar, score: shown(similar, distance) };
    const isDistance = distance === 'Euclid' || distance === 'Manhattan';
    if (threshold instanceof Num && (isDistance ? hit.score > threshold.value : hit.score < threshold.value)) continue;
    hits.push(hit);
  }
  return hits;
}

/** How near a point is; undefined when it lacks the vector. */
function scorer(
  collection: Collection,
  using: string,
  given: Json,
): { score(point: Point): number | undefined; self?: Point } {
  const config = collection.dense.get(using);
  if (config === undefined && !collection.sparse.has(using))
    throw wrongInput(`Not existing vector name error: ${using}`);
  const { input, self } = target(collection, using, given);
  if (config === undefined) {
    if (!('sparse' in input)) throw wrongInput('Conversion between sparse and regular vectors failed');
    const weight = collection.sparse.get(using)!.modifier === 'idf' ? idf(collection, using) : () => 1;
    return { score: point => sparseScore(input.sparse, point, using, weight), ...(self && { self }) };
  }
  const rows = prepare(input, { ...config, datatype: 'float32' }, '');
  const score = (point: Point): number | undefined => {
    const vector = point.vectors.get(using);
    if (vector === undefined || isSparse(vector)) return undefined;
    return collection.isMulti(using)
      ? maxSim(rows, vector, config.distance)
      : similarity(rows[0]!, vector[0]!, config.distance);
  };
  return { score, ...(self && { self }) };
}

function target(collection: Collection, using: string, given: Json): { input: Input; self?: Point } {
  const query = given instanceof Map && given.has('nearest') ? given.get('nearest')! : given;
  if (!(query instanceof Num) && typeof query !== 'string') return { input: readInput(query, 'query', true) };
  const id = pointIdOf(query);
  const self = collection.points.get(id);
  const vector = self?.vectors.get(using);
  if (self === undefined || vector === undefined) throw notFound(`No point with id ${id} found`);
  return { input: isSparse(vector) ? { sparse: vector } : { rows: vector }, self };
}

function sparseScore(
  query: Sparse,
  point: Point,
  using: string,
  weight: (index: number) => number,
): number | undefined {
  const vector = point.vectors.get(using);
  return vector !== undefined && isSparse(vector) ? sparseDot(query, vector, weight) : undefined;
}

/** Over the points that have the vector. */
function idf(collection: Collection, using: string): (index: number) => number {
  const all = [...collection.points.values()].flatMap(point => {
    const vector = point.vectors.get(using);
    return vector !== undefined && isSparse(vector) ? [vector] : [];
  });
  return index => {
    const holding = all.filter(vector => vector.indices.includes(index)).length;
    const ratio = Math.fround((all.length - holding + 0.5) / (holding + 0.5));
    return Math.fround(Math.log(Math.fround(1 + ratio)));
  };
}

/** Reciprocal rank fusion with k = 2. */
function fused(collection: Collection, body: JsonObject): Hit[] {
  const sums = new Map<Point, number>();
  for (const prefetch of body.get('prefetch') as JsonObject[]) {
    query(collection, prefetch).forEach(({ point }, rank) => {
      sums.set(point, Math.fround((sums.get(point) ?? 0) + Math.fround(1 / (rank + 2))));
    });
  }
  return [...sums].map(([point, score]) => ({ point, similar: score, score })).sort((a, b) => b.score - a.score);
}

export function shownHits(collection: Collection, hits: Hit[], body: JsonObject): Printable[] {
  return hits.map(({ point, score }) => {
    const { id, ...rest } = shownPoint(collection, point, body, false);
    return { id, version: point.version, score: new Raw(f32Text(score)), ...rest };
  });
}

/** `points/query/groups`: the best of each value of a payload key. */
export function groups(collection: Collection, body: JsonObject): Printable {
  const key = body.get('group_by') as string;
  const found = new Map<string, { id: Json; hits: Hit[] }>();
  const everything = new Map(body)
    .set('limit', new Num(String(collection.points.size), Number))
    .set('offset', new Num('0', Number));
  for (const hit of query(collection, everything)) {
    const id = hit.point.payload.get(key);
    if (id === undefined || id === null) continue;
    const name = id instanceof Num ? id.text : String(id);
    const group = found.get(name) ?? { id, hits: [] };
    if (group.hits.length < numberOr(body.get('group_size'), 3)) group.hits.push(hit);
    found.set(name, group);
  }
  const shownGroups = [...found.values()].slice(0, numberOr(body.get('limit'), 10));
  return { groups: shownGroups.map(({ id, hits }) => ({ hits: shownHits(collection, hits, body), id })) };
}
