import type { Json, JsonObject } from './json.ts';
import { Num } from './json.ts';
import { parsePath, type Step, valuesAt } from './jsonPath.ts';
import { type PointId, pointIdOf } from './pointId.ts';
import { badFormat, invalidBody } from './refusal.ts';

/** What a condition looks at. */
export interface Candidate {
  id: PointId;
  payload: JsonObject;
  hasVector(name: string): boolean;
}

export type Test = (point: Candidate) => boolean;
/** Type of payload index by path. */
export type Indexes = ReadonlyMap<string, string>;

/**
 * A filter compiled once; what conditions mean is that of segment/src/payload_storage/query_checker.rs and condition_checker.rs of
 * Qdrant 1.18. An empty filter holds for every point. `where` names the request in messages.
 */
export function filterTest(json: Json | undefined, indexes: Indexes, where: string): Test {
  if (json === undefined || json === null) return () => true;
  if (!(json instanceof Map)) throw badFormat('invalid type: expected struct Filter');
  const list = (clause: string): Test[] | undefined => {
    const value = json.get(clause);
    if (value === undefined || value === null) return undefined;
    const conditions = Array.isArray(value) ? value : [value];
    return conditions.map((each, i) => conditionTest(each, indexes, `${where}.${clause}[${i}]`));
  };
  const unknown = [...json.keys()].find(key => !['must', 'must_not', 'should', 'min_should'].includes(key));
  if (unknown !== undefined) throw badFormat(`unknown field \`${unknown}\``);
  const [must, mustNot, should] = [list('must'), list('must_not'), list('should')];
  const least = minShould(json.get('min_should'), indexes, where);
  return point =>
    (must?.every(test => test(point)) ?? true) &&
    !(mustNot?.some(test => test(point)) ?? false) &&
    (should === undefined || should.length === 0 || should.some(test => test(point))) &&
    least(point);
}

function minShould(json: Json | undefined, indexes: Indexes, where: string): Test {
  if (!(json instanceof Map)) return () => true;
  const conditions = (json.get('conditions') as Json[]).map((each, i) =>
    conditionTest(each, indexes, `${where}.min_should.conditions[${i}]`),
  );
  const count = (json.get('min_count') as Num).value;
  return point => conditions.filter(test => test(point)).length >= count;
}

function conditionTest(json: Json, indexes: Indexes, where: string): Test {
  if (!(json instanceof Map)) throw badFormat('data did not match any variant of untagged enum Condition');
  const path = (name: string): Step[] => parsePath((json.get(name) as JsonObject).get('key') as string);
  if (json.has('is_empty') && json.get('is_empty') instanceof Map) {
    const steps = path('is_empty');
    return ({ payload }) => valuesAt(payload, steps).every(isEmpty);
  }
  if (json.has('is_null') && json.get('is_null') instanceof Map) {
    const steps = path('is_null');
    return ({ payload }) => valuesAt(payload, steps).some(value => value === null);
  }
  if (json.has('has_id')) {
    const ids = new Set((json.get('has_id') as Json[]).map(pointIdOf));
    return ({ id }) => ids.has(id);
  }
  if (json.has('has_vector')) return point => point.hasVector(json.get('has_vector') as string);
  if (json.has('nested')) return nestedTest(json.get('nested') as JsonObject, where);
  if (typeof json.get('key') === 'string') return fieldTest(json, indexes, where);
  return filterTest(json, indexes, where);
}

function isEmpty(value: Json): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

function nestedTest(json: JsonObject, where: string): Test {
  const steps = parsePath(json.get('key') as string);
  if (steps.at(-1) !== 'all') steps.push('all');
  const test = filterTest(json.get('filter'), new Map(), where);
  return point =>
    valuesAt(point.payload, steps).some(value => value instanceof Map && test({ ...point, payload: value }));
}

type ValueTest = (value: Json) => boolean;

function fieldTest(json: JsonObject, indexes: Indexes, where: string): Test {
  const key = json.get('key') as string;
  const steps = parsePath(key);
  const test = valueTest(json, indexes.get(key));
  if (test === undefined)
    throw invalidBody(`${where}.__all__: Validation error: At least one field condition must be specified [{}]`);
  return ({ payload }) => valuesAt(payload, steps).some(test);
}

/** On the value as it is, or on any element of an array. */
function valueTest(json: JsonObject, index: string | undefined): ValueTest | undefined {
  const count = json.get('values_count');
  if (count instanceof Map) {
    const holds = bounds(count, bound => (bound as Num).value);
    return value => holds(value === null ? 0 : Array.isArray(value) ? value.length : 1);
  }
  const test = elementTest(json, index);
  return test && (value => (Array.isArray(value) ? value.some(test) : test(value)));
}

function elementTest(json: JsonObject, index: string | undefined): ValueTest | undefined {
  if (json.get('match') instanceof Map) return matchTest(json.get('match') as JsonObject, index);
  if (json.get('range') instanceof Map) return rangeTest(json.get('range') as JsonObject, index);
  if (json.get('geo_radius') instanceof Map) return geoRadius(json.get('geo_radius') as JsonObject);
  return undefined;
}

function matchTest(match: JsonObject, index: string | undefined): ValueTest {
  if (match.has('value')) {
    const wanted = scalar(match.get('value')!);
    return value => scalarOf(value) === wanted;
  }
  if (match.has('any') || match.has('except')) {
    const list = new Set((match.get(match.has('any') ? 'any' : 'except') as Json[]).map(scalar));
    if (match.has('any')) return value => list.has(scalarOf(value) ?? '');
    return value => value !== null && !list.has(scalarOf(value) ?? '');
  }
  const text = match.get('text');
  if (typeof text === 'string') {
    if (index !== 'text') return value => typeof value === 'string' && value.includes(text);
    const wanted = words(text);
    return value => typeof value === 'string' && wanted.every(word => words(value).includes(word));
  }
  throw badFormat('data did not match any variant of untagged enum MatchInterface');
}

function words(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(word => word !== '');
}

/** Text, booleans and integers of int64 only. */
function scalar(value: Json): string {
  const known = scalarOf(value);
  if (known === undefined) throw badFormat('data did not match any variant of untagged enum MatchInterface');
  return known;
}

function scalarOf(value: Json): string | undefined {
  if (typeof value === 'string') return `s${value}`;
  if (typeof value === 'boolean') return `b${value}`;
  const integer = value instanceof Num ? value.integer : undefined;
  return integer === undefined ? undefined : `i${integer}`;
}

function rangeTest(range: JsonObject, index: string | undefined): ValueTest {
  const isDate = [...range.values()].some(bound => typeof bound === 'string');
  if (isDate) {
    const holds = bounds(range, bound => Date.parse(bound as string));
    return value => typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value) && holds(Date.parse(value));
  }
  if (index === 'integer') {
    // Only integers are in that index, and bounds are cut to integers.
    const holds = bounds(range, bound => Math.trunc((bound as Num).value));
    return value => value instanceof Num && value.integer !== undefined && holds(value.value);
  }
  const holds = bounds(range, bound => (bound as Num).value);
  return value => value instanceof Num && holds(value.value);
}

function bounds(range: JsonObject, read: (bound: Json) => number): (value: number) => boolean {
  const limit = (name: string): number | undefined => {
    const bound = range.get(name);
    return bound === undefined || bound === null ? undefined : read(bound);
  };
  const [lt, lte, gt, gte] = ['lt', 'lte', 'gt', 'gte'].map(limit);
  return value =>
    (lt === undefined || value < lt) &&
    (lte === undefined || value <= lte) &&
    (gt === undefined || value > gt) &&
    (gte === undefined || value >= gte);
}

const EARTH_METRES = 6_371_008.8;

function geoRadius(json: JsonObject): ValueTest {
  const point = (place: JsonObject): [number, number] | undefined => {
    const [lat, lon] = [place.get('lat'), place.get('lon')];
    return lat instanceof Num && lon instanceof Num
      ? [lat.value * (Math.PI / 180), lon.value * (Math.PI / 180)]
      : undefined;
  };
  const [lat, lon] = point(json.get('center') as JsonObject)!;
  const radius = (json.get('radius') as Num).value;
  return value => {
    const at = value instanceof Map ? point(value) : undefined;
    if (at === undefined) return false;
    const half = Math.sin((at[0] - lat) / 2) ** 2 + Math.cos(lat) * Math.cos(at[0]) * Math.sin((at[1] - lon) / 2) ** 2;
    return 2 * EARTH_METRES * Math.asin(Math.sqrt(half)) < radius;
  };
}
