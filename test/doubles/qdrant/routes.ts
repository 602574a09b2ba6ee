import { Collection } from './collection.ts';
import { checkName, patched, readConfig, shownConfig } from './configuration.ts';
import type { Faults } from './faults.ts';
import { fromPlain, type Json, type JsonObject, Num, type Printable } from './json.ts';
import { valuesAt } from './jsonPath.ts';
import { compareIds, pointIdFromText, pointIdOf } from './pointId.ts';
import { groups, query, shownHits } from './query.ts';
import { badFormat, invalidBody, notFound, wrongInput } from './refusal.ts';
import { idJson, shownPoint } from './shownPoint.ts';
import type { Store } from './store.ts';

export interface Asked {
  store: Store;
  faults: Faults;
  /** Names in the path, decoded. */
  names: string[];
  body: JsonObject;
  /** The write is waited for. */
  wait: boolean;
}

export interface Route {
  method: string;
  /** `:` stands for a name. */
  path: string;
  writes?: true;
  /** `result` of the answer. */
  run(asked: Asked): Printable;
}

const read = (asked: Asked): Collection => asked.store.read(asked.names[0]!);
const write = (asked: Asked): Collection => asked.store.find(asked.names[0]!);

function done(operation: number, { wait }: Asked): Printable {
  return { operation_id: operation, status: wait ? 'completed' : 'acknowledged' };
}

function list(json: Json | undefined): Json[] {
  if (!Array.isArray(json)) throw badFormat('invalid type: expected a sequence');
  return json;
}

const POINTS: Route[] = [
  {
    method: 'PUT',
    path: '/collections/:/points',
    writes: true,
    run(asked) {
      const half = asked.faults.halfApplied > 0 ? Math.floor(list(asked.body.get('points')).length / 2) : undefined;
      if (half !== undefined) asked.faults.halfApplied--;
      return done(write(asked).upsert(asked.body, half), asked);
    },
  },
  {
    method: 'POST',
    path: '/collections/:/points',
    run(asked) {
      const collection = read(asked);
      const points = list(asked.body.get('ids')).flatMap(id => collection.points.get(pointIdOf(id)) ?? []);
      return points.map(point => shownPoint(collection, point, asked.body, false));
    },
  },
  { method: 'POST', path: '/collections/:/points/scroll', run: scroll },
  {
    method: 'POST',
    path: '/collections/:/points/count',
    run(asked) {
      const collection = read(asked);
      const test = collection.test(asked.body.get('filter'), 'count_request.filter');
      return { count: [...collection.points.values()].filter(test).length };
    },
  },
  {
    method: 'POST',
    path: '/collections/:/points/query',
    run: asked => ({ points: shownHits(read(asked), query(read(asked), asked.body), asked.body) }),
  },
  {
    method: 'POST',
    path: '/collections/:/points/query/batch',
    run: asked =>
      (list(asked.body.get('searches')) as JsonObject[]).map(body => ({
        points: shownHits(read(asked), query(read(asked), body), body),
      })),
  },
  { method: 'POST', path: '/collections/:/points/query/groups', run: asked => groups(read(asked), asked.body) },
  {
    method: 'POST',
    path: '/collections/:/points/search',
    run(asked) {
      const body = new Map(asked.body).set('query', asked.body.get('vector') ?? null);
      return shownHits(read(asked), query(read(asked), body), body);
    },
  },
  {
    method: 'POST',
    path: '/collections/:/points/delete',
    writes: true,
    run: asked => done(write(asked).delete(asked.body), asked),
  },
  {
    method: 'POST',
    path: '/collections/:/points/payload',
    writes: true,
    run: asked => done(write(asked).setPayload(asked.body, false), asked),
  },
  {
    method: 'PUT',
    path: '/collections/:/points/payload',
    writes: true,
    run: asked => done(write(asked).setPayload(asked.body, true), asked),
  },
  {
    method: 'POST',
    path: '/collections/:/points/payload/delete',
    writes: true,
    run: asked => done(write(asked).deletePayload(asked.body), asked),
  },
  { method: 'POST', path: '/collections/:/points/batch', writes: true, run: batch },
  {
    method: 'GET',
    path: '/collections/:/points/:',
    run(asked) {
      const collection = read(asked);
      const id = pointIdFromText(asked.names[1]!);
      const point = collection.points.get(id);
      if (point === undefined) throw notFound(`Point with id ${id} does not exists!`);
      return shownPoint(collection, point, new Map<string, Json>([['with_vector', true]]), true);
    },
  },
];

function scroll(asked: Asked): Printable {
  const { body } = asked;
  const collection = read(asked);
  const limit = body.get('limit') instanceof Num ? (body.get('limit') as Num).value : 10;
  if (limit < 1) throw invalidBody('scroll_request.limit: value 0 invalid, must be 1 or larger');
  const matching = collection.sorted().filter(collection.test(body.get('filter'), 'scroll_request.filter'));
  const order = body.get('order_by');
  if (order !== undefined && order !== null) return ordered(collection, matching, order, limit, body);
  const offset = body.get('offset');
  const from = offset === undefined || offset === null ? undefined : pointIdOf(offset);
  const rest = from === undefined ? matching : matching.filter(({ id }) => compareIds(id, from) >= 0);
  const next = rest[limit];
  return {
    points: rest.slice(0, limit).map(point => shownPoint(collection, point, body, true)),
    next_page_offset: next === undefined ? null : idJson(next.id),
  };
}

function ordered(
  collection: Collection,
  points: ReturnType<Collection['sorted']>,
  order: Json,
  limit: number,
  body: JsonObject,
): Printable {
  const key = order instanceof Map ? (order.get('key') as string) : (order as string);
  if (!['integer', 'float', 'datetime'].includes(collection.indexes.get(key)?.type ?? '')) {
    throw wrongInput(
      `No range index for \`order_by\` key: \`${key}\`. Please create one to use \`order_by\`. Check https://qdrant.tech/documentation/concepts/indexing/#payload-index to see which payload schemas support Range conditions`,
    );
  }
  const sign = order instanceof Map && order.get('direction') === 'desc' ? -1 : 1;
  const valued = points.flatMap(point => {
    const [value] = valuesAt(point.payload, [{ key }]);
    return value instanceof Num ? [{ point, value }] : [];
  });
  valued.sort((a, b) => sign * (a.value.value - b.value.value));
  return {
    points: valued
      .slice(0, limit)
      .map(({ point, value }) => ({ ...shownPoint(collection, point, body, true), order_value: value })),
    next_page_offset: null,
  };
}

function batch(asked: Asked): Printable {
  const collection = write(asked);
  return (list(asked.body.get('operations')) as JsonObject[]).map(operation => {
    const [[name, given]] = [...operation] as [[string, JsonObject]];
    if (name === 'upsert') return done(collection.upsert(given), asked);
    if (name === 'delete') return done(collection.delete(given), asked);
    if (name === 'set_payload') return done(collection.setPayload(given, false), asked);
    if (name === 'overwrite_payload') return done(collection.setPayload(given, true), asked);
    if (name === 'delete_payload') return done(collection.deletePayload(given), asked);
    throw badFormat(`unknown variant \`${name}\``);
  });
}

const COLLECTIONS: Route[] = [
  {
    method: 'GET',
    path: '/collections',
    run: ({ store }) => ({ collections: [...store.collections.keys()].sort().map(name => ({ name })) }),
  },
  {
    method: 'GET',
    path: '/collections/:/exists',
    run: ({ store, names }) => ({ exists: store.collections.has(names[0]!) }),
  },
  { method: 'GET', path: '/collections/:', run: asked => info(write(asked)) },
  {
    method: 'PUT',
    path: '/collections/:',
    writes: true,
    run({ store, names, body }) {
      checkName(names[0]!);
      const config = readConfig(body);
      store.create(names[0]!, () => new Collection(config));
      return true;
    },
  },
  {
    method: 'PATCH',
    path: '/collections/:',
    writes: true,
    run(asked) {
      const collection = write(asked);
      collection.config = patched(collection.config, asked.body);
      return true;
    },
  },
  { method: 'DELETE', path: '/collections/:', writes: true, run: ({ store, names }) => store.drop(names[0]!) },
  {
    method: 'PUT',
    path: '/collections/:/index',
    writes: true,
    run(asked) {
      const collection = write(asked);
      const schema = asked.body.get('field_schema')!;
      const type = schema instanceof Map ? (schema.get('type') as string) : (schema as string);
      collection.indexes.set(asked.body.get('field_name') as string, {
        type,
        params: schema instanceof Map ? schema : undefined,
      });
      collection.operation();
      return done(collection.operation(), asked);
    },
  },
  {
    method: 'DELETE',
    path: '/collections/:/index/:',
    writes: true,
    run(asked) {
      const collection = write(asked);
      collection.indexes.delete(asked.names[1]!);
      return done(collection.operation(), asked);
    },
  },
  { method: 'POST', path: '/collections/aliases', writes: true, run: changeAliases },
  {
    method: 'GET',
    path: '/aliases',
    run: ({ store }) => ({
      aliases: [...store.aliases].map(([alias_name, collection_name]) => ({ alias_name, collection_name })),
    }),
  },
  {
    method: 'POST',
    path: '/collections/:/snapshots',
    writes: true,
    run(asked) {
      write(asked);
      return { name: `${asked.names[0]}-1.snapshot`, creation_time: '2026-01-01T00:00:00', size: 0, checksum: '' };
    },
  },
  { method: 'GET', path: '/cluster', run: () => ({ status: 'disabled' }) },
];

function changeAliases({ store, body }: Asked): Printable {
  for (const action of list(body.get('actions')) as JsonObject[]) {
    const made = action.get('create_alias');
    const gone = action.get('delete_alias');
    if (made instanceof Map) {
      const name = made.get('collection_name') as string;
      store.find(name);
      store.aliases.set(made.get('alias_name') as string, name);
    }
    if (gone instanceof Map) store.aliases.delete(gone.get('alias_name') as string);
  }
  return true;
}

function info(collection: Collection): Printable {
  return {
    status: 'green',
    optimizer_status: 'ok',
    indexed_vectors_count: 0,
    points_count: collection.points.size,
    segments_count: 2,
    config: fromPlain(shownConfig(collection.config)),
    payload_schema: collection.schema(),
    update_queue: { length: 0 },
  };
}

export const ROUTES: readonly Route[] = [...COLLECTIONS, ...POINTS];
