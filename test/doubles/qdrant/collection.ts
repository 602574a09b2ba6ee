import { type Candidate, filterTest, type Test } from './filter.ts';
import type { Json, JsonObject } from './json.ts';
import { Num, type Printable } from './json.ts';
import { parsePath, removeAt } from './jsonPath.ts';
import { compareIds, type PointId, pointIdOf } from './pointId.ts';
import { badFormat, invalidBody, notFound, Refusal, wrongInput } from './refusal.ts';
import { type Input, prepare, readInput, type Stored, type VectorConfig } from './vectors.ts';

export interface Point extends Candidate {
  /** The operation that wrote it last. */
  version: number;
  vectors: Map<string, Stored>;
}

/** What `PUT /collections/{name}` was given, as plain JSON. */
export interface CollectionConfig {
  vectors?: VectorConfig | Record<string, VectorConfig>;
  sparse_vectors?: Record<string, { modifier?: string }>;
  [setting: string]: unknown;
}

/** One point of a request, read and checked as far as that goes without its neighbours. */
interface Incoming {
  id: PointId;
  inputs: Map<string, Input>;
  payload: JsonObject;
}

export class Collection {
  config: CollectionConfig;
  readonly dense = new Map<string, VectorConfig>();
  readonly sparse: Map<string, { modifier?: string }>;
  points = new Map<PointId, Point>();
  /** Path → type and parameters. */
  readonly indexes = new Map<string, { type: string; params: unknown }>();
  #operation = 0;
  #sorted: Point[] | undefined;

  constructor(config: CollectionConfig) {
    this.config = config;
    const { vectors = {}, sparse_vectors = {} } = config;
    const named =
      typeof vectors.size === 'number' ? { '': vectors as VectorConfig } : (vectors as Record<string, VectorConfig>);
    for (const [name, each] of Object.entries(named)) this.dense.set(name, each);
    this.sparse = new Map(Object.entries(sparse_vectors));
  }

  test(filter: Json | undefined, where: string): Test {
    return filterTest(filter, new Map([...this.indexes].map(([path, { type }]) => [path, type])), where);
  }

  /** In scroll order. */
  sorted(): Point[] {
    this.#sorted ??= [...this.points.values()].sort((a, b) => compareIds(a.id, b.id));
    return this.#sorted;
  }

  operation(): number {
    this.#sorted = undefined;
    return ++this.#operation;
  }

  isMulti(name: string): boolean {
    return this.dense.get(name)?.multivector_config != null;
  }

  /** `kept` limits how many are stored before the rest is refused, which is what a half-applied batch is. */
  upsert(body: JsonObject, kept = Number.POSITIVE_INFINITY): number {
    const incoming = readPoints(body);
    if (incoming.length === 0) throw new Refusal(400, 'Bad request: Empty update request');
    for (const { inputs } of incoming) for (const name of inputs.keys()) this.#known(name);
    for (const { inputs } of incoming) {
      for (const [name, input] of inputs) if (!('sparse' in input)) this.#prepare(name, input);
    }
    // Past here the operation is in the log, and has a number even when it fails.
    const version = this.operation();
    const points = incoming.map(each => this.#point(each, version));
    for (const point of points.slice(0, kept)) this.points.set(point.id, point);
    if (kept < points.length) throw wrongInput('half of the points were refused');
    return version;
  }

  #known(name: string): void {
    if (!this.dense.has(name) && !this.sparse.has(name)) throw wrongInput(`Not existing vector name error: ${name}`);
  }

  #prepare(name: string, input: Input): Stored {
    const config = this.dense.get(name);
    if (config === undefined && 'sparse' in input) return input.sparse;
    if (config === undefined) throw wrongInput('Conversion between sparse and regular vectors failed');
    return prepare(input, config, name);
  }

  #point({ id, inputs, payload }: Incoming, version: number): Point {
    const vectors = new Map([...inputs].map(([name, input]) => [name, this.#prepare(name, input)]));
    return { id, version, vectors, payload, hasVector: name => vectors.has(name) };
  }

  /** Points named by `points` or `filter`. */
  #selected(body: JsonObject, where: string, missing: 'skipped' | 'refused'): Point[] {
    const ids = body.get('points');
    if (!Array.isArray(ids)) return [...this.points.values()].filter(this.test(body.get('filter') ?? null, where));
    return ids.flatMap(json => {
      const id = pointIdOf(json);
      const point = this.points.get(id);
      if (point === undefined && missing === 'refused') throw notFound(`No point with id ${id} found`);
      return point ?? [];
    });
  }

  delete(body: JsonObject): number {
    const gone = this.#selected(body, 'points_selector.filter', 'skipped');
    const version = this.operation();
    for (const { id } of gone) this.points.delete(id);
    return version;
  }

  /** `null` deletes a key when payloads are merged (segment/src/common/utils.rs, merge_map), and is kept when they replace. */
  setPayload(body: JsonObject, replace: boolean): number {
    const given = body.get('payload') as JsonObject;
    const points = this.#selected(body, 'set_payload.filter', 'refused');
    const version = this.operation();
    for (const point of points) {
      if (replace) point.payload = new Map(given);
      else for (const [key, value] of given) value === null ? point.payload.delete(key) : point.payload.set(key, value);
    }
    return version;
  }

  deletePayload(body: JsonObject): number {
    const paths = (body.get('keys') as string[]).map(parsePath);
    const points = this.#selected(body, 'delete_payload.filter', 'refused');
    const version = this.operation();
    for (const point of points) for (const path of paths) removeAt(point.payload, path);
    return version;
  }

  /** As it is now, for reads that lag behind. */
  frozen(): Collection {
    const copy = new Collection(this.config);
    for (const point of this.points.values()) copy.points.set(point.id, { ...point, payload: new Map(point.payload) });
    for (const [path, index] of this.indexes) copy.indexes.set(path, index);
    return copy;
  }

  schema(): Printable {
    return Object.fromEntries(
      [...this.indexes].map(([path, { type, params }]) => [
        path,
        {
          data_type: type,
          ...(params ? { params: params as Printable } : {}),
          points: new Num(String(this.points.size), Number),
        },
      ]),
    );
  }
}

function readPoints(body: JsonObject): Incoming[] {
  const points = body.get('points');
  if (Array.isArray(points)) return points.map((point, i) => incoming(point as JsonObject, i));
  const batch = body.get('batch');
  if (!(batch instanceof Map)) throw badFormat('data did not match any variant of untagged enum PointInsertOperations');
  const [ids, vectors, payloads] = ['ids', 'vectors', 'payloads'].map(key => batch.get(key) as Json[] | undefined);
  return ids!.map((id, i) =>
    incoming(
      new Map<string, Json>([
        ['id', id],
        ['vector', vectors![i]!],
        ['payload', payloads?.[i] ?? null],
      ]),
      i,
    ),
  );
}

function incoming(point: JsonObject, index: number): Incoming {
  const payload = point.get('payload');
  const vector = point.get('vector');
  const where = `points[${index}].vector.?`;
  const inputs = new Map<string, Input>();
  if (vector instanceof Map) for (const [name, each] of vector) inputs.set(name, readInput(each, where, true));
  else if (vector === undefined) throw invalidBody(`points[${index}].vector: missing`);
  else inputs.set('', readInput(vector, where, false));
  return { id: pointIdOf(point.get('id')), inputs, payload: payload instanceof Map ? payload : new Map() };
}
