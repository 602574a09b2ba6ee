import type {
  Call,
  CollectionRef,
  Database,
  JsonValue,
  ScanPage,
  ScanRequest,
  SearchRequest,
  SearchResult,
  SplitFilter,
  UpdateRequest,
} from '../../core/connector.ts';
import type { Capabilities } from '../../model/capabilities.ts';
import type { CollectionInfo, CollectionSpec, CollectionSummary } from '../../model/collection.ts';
import type { Filter } from '../../model/filter/filter.ts';
import type { Id } from '../../model/id.ts';
import type { RecordBatch, Want } from '../../model/record.ts';
import { type Collection, findCollection, type Server, vectorOf } from './collection.ts';
import { create } from './create.ts';
import { countAll, describe } from './describe.ts';
import { fetchRecords } from './fetch.ts';
import { HttpFailure } from './httpFailure.ts';
import { parseAnswer } from './httpLink.ts';
import { native } from './native.ts';
import { idsOf, queryOf } from './query.ts';
import { removeIds, removeMatching } from './remove.ts';
import { scan } from './scan.ts';
import { search } from './search.ts';
import { split } from './split.ts';
import { update } from './update.ts';
import { upsert } from './upsert.ts';

/** The server gives at most 100 when nothing is said. */
const COLLECTIONS_PER_PAGE = 100;
const IDS_PER_PAGE = 20_000;

export class ChromaDatabase implements Database {
  readonly capabilities: Capabilities;
  readonly #server: Server;
  /** By name; verbs take the id. An id that is gone is looked up anew. */
  readonly #known = new Map<string, Collection>();

  constructor(server: Server, batchRecords: number) {
    this.#server = server;
    this.capabilities = {
      metrics: ['cosine', 'dot', 'euclidean'],
      vectorKinds: ['dense'],
      elements: ['f32'],
      idKinds: ['string', 'uuid'],
      filters: ['eq', 'lt', 'lte', 'gt', 'gte', 'in', 'has', 'ids'],
      immediate: true,
      // There is only limit and offset: what is removed moves all that is behind it.
      unstableWalk: true,
      metricFixed: true,
      fields: { types: ['boolean', 'integer', 'float', 'string', 'array'], mixed: true, names: '^(?!chroma:)[^$#]' },
      limits: { batchRecords, nameBytes: 512 },
    };
  }

  async ping(call: Call): Promise<{ serverVersion: string }> {
    const version = parseAnswer<string>(await this.#server.link.send('GET', '/version', undefined, call));
    return { serverVersion: `Chroma API ${version}` };
  }

  async collections(call: Call): Promise<CollectionSummary[]> {
    const { link, root } = this.#server;
    const found: Collection[] = [];
    for (;;) {
      const path = `${root}/collections?limit=${COLLECTIONS_PER_PAGE}&offset=${found.length}`;
      const page = await link.json<Collection[]>('GET', path, undefined, call);
      found.push(...page);
      if (page.length < COLLECTIONS_PER_PAGE) break;
    }
    // A database that is gone has none, and no error: asking for itself says so.
    if (found.length === 0) await link.json('GET', root, undefined, call);
    return found.map(collection => ({
      name: collection.name,
      count: null,
      countExact: false,
      vectors: [vectorOf(collection)],
    }));
  }

  async describe(ref: CollectionRef, call: Call): Promise<CollectionInfo> {
    return describe(this.#server, await this.#find(ref, call), call);
  }

  async create(spec: CollectionSpec, call: Call): Promise<CollectionInfo> {
    this.#known.delete(spec.name);
    return describe(this.#server, await create(this.#server, spec, call), call);
  }

  async drop({ collection }: CollectionRef, call: Call): Promise<void> {
    const { link, root } = this.#server;
    this.#known.delete(collection);
    await link.json('DELETE', `${root}/collections/${encodeURIComponent(collection)}`, undefined, call);
  }

  fetch(ref: CollectionRef, ids: Id[], want: Want, call: Call): Promise<RecordBatch> {
    return this.#with(ref, call, collection => fetchRecords(this.#server, collection, ids, want, call));
  }

  search(ref: CollectionRef, request: SearchRequest, call: Call): Promise<SearchResult> {
    return this.#with(ref, call, collection => search(this.#server, collection, request, call));
  }

  upsert(ref: CollectionRef, batch: RecordBatch, { absent = false }: { absent?: boolean }, call: Call): Promise<void> {
    return this.#with(ref, call, collection => upsert(this.#server, collection, batch, absent, call));
  }

  remove(ref: CollectionRef, ids: Id[], call: Call): Promise<number> {
    return this.#with(ref, call, collection => removeIds(this.#server, collection, ids, call));
  }

  split(ref: CollectionRef, filter: Filter, call: Call): Promise<SplitFilter> {
    return this.#with(ref, call, collection => split(this.#server, collection, filter, call));
  }

  async *scan(ref: CollectionRef, request: ScanRequest, call: Call): AsyncGenerator<ScanPage> {
    yield* scan(this.#server, await this.#find(ref, call), request, call);
  }

  count(
    ref: CollectionRef,
    { filter }: { filter?: Filter; exact: boolean },
    call: Call,
  ): Promise<{ count: number; exact: boolean }> {
    return this.#with(ref, call, async collection => {
      const count = filter
        ? await this.#countMatching(collection, filter, call)
        : await countAll(this.#server, collection, call);
      return { count, exact: true };
    });
  }

  removeWhere(ref: CollectionRef, filter: Filter, call: Call): Promise<number> {
    return this.#with(ref, call, collection => removeMatching(this.#server, collection, filter, call));
  }

  clear(ref: CollectionRef, call: Call): Promise<number> {
    return this.#with(ref, call, collection => removeMatching(this.#server, collection, undefined, call));
  }

  update(ref: CollectionRef, ids: Id[], request: UpdateRequest, call: Call): Promise<number> {
    return this.#with(ref, call, collection => update(this.#server, collection, ids, request, call));
  }

  native(statement: string, params: Record<string, JsonValue>, call: Call): AsyncGenerator<string> {
    return native(this.#server, statement, params, call);
  }

  async close(): Promise<void> {
    this.#server.link.close();
  }

  /** There is no count with a filter: the ids are. */
  async #countMatching(collection: Collection, filter: Filter, call: Call): Promise<number> {
    const query = await queryOf(this.#server, collection, filter, call);
    if (query === null) return 0;
    for (let count = 0; ; ) {
      const page = { limit: IDS_PER_PAGE, offset: count };
      const found = (await idsOf(this.#server, collection, query, call, page)).length;
      count += found;
      if (found < IDS_PER_PAGE) return count;
    }
  }

  /** As it is now. */
  async #find({ collection: name }: CollectionRef, call: Call): Promise<Collection> {
    const collection = await findCollection(this.#server, name, call);
    this.#known.set(name, collection);
    return collection;
  }

  /** Runs `work` on the collection of that name, again when another one has taken the name in the meantime. */
  async #with<T>(ref: CollectionRef, call: Call, work: (collection: Collection) => Promise<T>): Promise<T> {
    const known = this.#known.get(ref.collection);
    if (known === undefined) return work(await this.#find(ref, call));
    try {
      return await work(known);
    } catch (error) {
      if (!(error instanceof HttpFailure && error.status === 404)) throw error;
      this.#known.delete(ref.collection);
      const now = await this.#find(ref, call);
      if (now.id === known.id) throw error;
      return work(now);
    }
  }
}
