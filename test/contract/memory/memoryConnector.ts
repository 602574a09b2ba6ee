import type {
  CollectionRef,
  Connector,
  Database,
  ScanRequest,
  SearchRequest,
  UpdateRequest,
} from '../../../src/core/connector.ts';
import { joinBatches, selectRows } from '../../../src/model/batch.ts';
import type { CollectionInfo, CollectionSpec, VectorSpec } from '../../../src/model/collection.ts';
import { VdbError } from '../../../src/model/errors.ts';
import { matcher } from '../../../src/model/filter/evaluate.ts';
import type { Filter } from '../../../src/model/filter/filter.ts';
import { idKey } from '../../../src/model/id.ts';
import { type Exact, parseExact, printExact } from '../../../src/model/json/exact.ts';
import type { Metric } from '../../../src/model/metric.ts';
import { type DenseColumn, isPresent, type RecordBatch, type Want } from '../../../src/model/record.ts';
import { ALL_OPERATORS } from '../floor.ts';

/** Everything of one collection: a batch of one record for each id, in the order of first writing. */
interface Collection {
  spec: CollectionSpec;
  rows: Map<string, RecordBatch>;
}

/** Databases by path; they outlive their connections as files would. */
const databases = new Map<string, Map<string, Collection>>();

/** A true Database in memory, which proves the suite itself: no engine, no indexes, every operator by the evaluator. */
export const memoryConnector: Connector = {
  manifest: {
    provider: 'memory',
    title: 'Memory',
    summary: 'Holds records in this process.',
    options: [{ name: 'path', type: 'path', help: 'name of the database' }],
    secrets: [],
    addressedBy: [['path']],
  },
  endpoint: options => `memory:${options.path}`,
  async connect(options) {
    const path = String(options.path);
    if (!databases.has(path)) databases.set(path, new Map());
    return memoryDatabase(databases.get(path)!);
  },
  classify: () => ({ code: 'internal' }),
};

function memoryDatabase(collections: Map<string, Collection>): Database {
  const at = ({ collection }: CollectionRef): Collection => {
    const found = collections.get(collection);
    if (!found) throw new VdbError('not_found', `there is no collection '${collection}'`);
    return found;
  };
  const info = ({ spec, rows }: Collection): CollectionInfo => ({
    name: spec.name,
    partition: null,
    count: rows.size,
    countExact: true,
    vectors: spec.vectors,
    fields: [],
    index: {},
  });

  return {
    capabilities: {
      metrics: ['cosine', 'dot', 'euclidean'],
      vectorKinds: ['dense'],
      elements: ['f32'],
      namedVectors: true,
      optionalVectors: true,
      idKinds: ['string', 'integer', 'uuid'],
      filters: ALL_OPERATORS,
      immediate: true,
      metricFixed: true,
      limits: { nameBytes: 63, idBytes: 2000, dimension: 4096 },
    },
    ping: async () => ({ serverVersion: 'memory' }),
    collections: async () => [...collections.values()].map(info),
    describe: async ref => info(at(ref)),
    async create(spec) {
      if (collections.has(spec.name)) throw new VdbError('exists', `collection '${spec.name}' exists`);
      if (Buffer.byteLength(spec.name) > 63) throw new VdbError('invalid', 'the name is longer than 63 bytes');
      collections.set(spec.name, { spec: structuredClone(spec), rows: new Map() });
      return info(at({ collection: spec.name, partition: '' }));
    },
    async drop(ref) {
      at(ref);
      collections.delete(ref.collection);
    },
    async fetch(ref, ids, want) {
      const { rows, spec } = at(ref);
      return gather(
        ids.flatMap(id => rows.get(idKey(id)) ?? []),
        spec.vectors,
        want,
      );
    },
    async search(ref, request) {
      const { rows, spec } = at(ref);
      const matches = matching(request.filter);
      const metric = spec.vectors.find(vector => vector.name === request.using)!.metric!;
      const hits = [...rows.values()]
        .filter(matches)
        .flatMap(row => scored(row, request, metric))
        .sort((a, b) => b.score - a.score)
        .slice(0, request.k);
      return {
        batch: gather(
          hits.map(hit => hit.row),
          spec.vectors,
          request.want,
        ),
        scores: Float64Array.from(hits, hit => hit.score),
        rawScores: Float64Array.from(hits, hit => hit.rawScore),
      };
    },
    async upsert(ref, batch) {
      const { rows } = at(ref);
      batch.ids.forEach((id, row) => {
        rows.set(idKey(id), selectRows(batch, [row]));
      });
    },
    async remove(ref, ids) {
      const { rows } = at(ref);
      return ids.filter(id => rows.delete(idKey(id))).length;
    },
    async *scan(ref, request) {
      const { rows, spec } = at(ref);
      yield* pages([...rows.entries()], spec.vectors, request);
    },
    async count(ref, { filter }) {
      return { count: [...at(ref).rows.values()].filter(matching(filter)).length, exact: true };
    },
    async removeWhere(ref, filter) {
      const { rows } = at(ref);
      const matches = matching(filter);
      const found = [...rows].filter(([, row]) => matches(row));
      for (const [key] of found) rows.delete(key);
      return found.length;
    },
    async clear(ref) {
      const { rows } = at(ref);
      const count = rows.size;
      rows.clear();
      return count;
    },
    async update(ref, ids, request) {
      const { rows } = at(ref);
      const found = ids.filter(id => rows.has(idKey(id)));
      for (const id of found) {
        const row = rows.get(idKey(id))!;
        rows.set(idKey(id), { ...row, metadata: [updated(row.metadata[0], request)] });
      }
      return found.length;
    },
    close: async () => undefined,
  };
}

function matching(filter: Filter | undefined): (row: RecordBatch) => boolean {
  if (!filter) return () => true;
  const matches = matcher(filter);
  return row => matches(row.ids[0]!, row.metadata[0]);
}

/** By key of the id, so that a cursor (the last key) holds whatever is written meanwhile. */
function* pages(entries: [string, RecordBatch][], specs: VectorSpec[], request: ScanRequest) {
  const matches = matching(request.filter);
  const after = request.after as string | undefined;
  const sorted = entries
    .filter(([key, row]) => (after === undefined || key > after) && matches(row))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, request.limit);
  let start = 0;
  while (start < sorted.length) {
    let [end, bytes] = [start, 0];
    do bytes += sorted[end++]![1].bytes;
    while (end < sorted.length && end - start < request.batchRecords && bytes < request.batchBytes);
    const rows = sorted.slice(start, end);
    yield {
      batch: gather(
        rows.map(([, row]) => row),
        specs,
        request.want,
      ),
      cursor: rows.at(-1)![0],
    };
    start = end;
  }
}

function gather(rows: RecordBatch[], specs: VectorSpec[], want: Want): RecordBatch {
  const empty: RecordBatch = { count: 0, partition: '', ids: [], vectors: [], metadata: [], bytes: 0 };
  const all = rows.length === 0 ? empty : joinBatches(rows.map(row => ({ ...row, vectors: present(row, specs) })));
  const { documents, uris, ...rest } = all;
  return {
    ...rest,
    vectors: all.vectors.filter(({ name }) =>
      typeof want.vectors === 'boolean' ? want.vectors : want.vectors.includes(name),
    ),
    metadata: want.metadata ? all.metadata : all.ids.map(() => undefined),
    ...(want.document && documents && { documents }),
    ...(want.document && uris && { uris }),
  };
}

/** All columns of the collection, absent ones filled as such. */
function present(row: RecordBatch, specs: VectorSpec[]): RecordBatch['vectors'] {
  return specs.map(
    ({ name, dimension }): RecordBatch['vectors'][number] =>
      row.vectors.find(column => column.name === name) ?? {
        name,
        kind: 'dense',
        element: 'f32',
        dimension: dimension!,
        values: new Float32Array(dimension!),
        present: Uint8Array.of(0),
      },
  );
}

function scored(row: RecordBatch, request: SearchRequest, metric: Metric) {
  const column = row.vectors.find(vector => vector.name === request.using) as DenseColumn | undefined;
  if (!column || !isPresent(column, 0)) return [];
  const [a, b] = [request.vector as Float32Array, column.values as Float32Array];
  const dot = sum(a, (x, i) => x * b[i]!);
  if (metric === 'dot') return [{ row, score: dot, rawScore: -dot }];
  if (metric === 'euclidean') {
    const squared = sum(a, (x, i) => (x - b[i]!) ** 2);
    return [{ row, score: -Math.sqrt(squared), rawScore: squared }];
  }
  const lengths = Math.sqrt(sum(a, x => x * x)) * Math.sqrt(sum(b, x => x * x));
  const cosine = lengths === 0 ? 0 : dot / lengths;
  return [{ row, score: cosine, rawScore: 1 - cosine }];
}

function sum(values: Float32Array, term: (value: number, i: number) => number): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += term(values[i]!, i);
  return total;
}

function updated(metadata: string | undefined, { set, unset }: UpdateRequest): string {
  const object = parseExact(metadata ?? '{}') as Map<string, Exact>;
  for (const [key, text] of Object.entries(set)) object.set(key, parseExact(text));
  for (const key of unset) object.delete(key);
  return printExact(object);
}

/** Forgets the database of that path. */
export function forgetMemory(path: string): void {
  databases.delete(path);
}
