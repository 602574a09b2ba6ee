import { setTimeout as sleep } from 'node:timers/promises';
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
import { VdbError } from '../../model/errors.ts';
import type { Filter } from '../../model/filter/filter.ts';
import type { Id } from '../../model/id.ts';
import type { RecordBatch, Want } from '../../model/record.ts';
import { create, DIMENSIONS, NAME_LENGTH } from './create.ts';
import { countPoints, describe } from './describe.ts';
import { fetch } from './fetch.ts';
import { filterJson } from './filterJson.ts';
import { type Layout, layoutOf, readInfo } from './layout.ts';
import { QDRANT_METRICS } from './metrics.ts';
import { native } from './native.ts';
import { clear, removeIds, removeWhere } from './remove.ts';
import { scan } from './scan.ts';
import { search } from './search.ts';
import { splitFilter } from './split.ts';
import { update } from './update.ts';
import { upsert } from './upsert.ts';
import { type Client, pathOf } from './wire/client.ts';
import { Failure } from './wire/failure.ts';

/** How long a collection's vectors and payload indexes are believed; a call that fails makes them be read again. */
const LAYOUT_MS = 1_000;
/** Listing asks for each collection's vectors, unless there are more. */
const LISTED = 64;
const POLL_MS = 100;

export class QdrantDatabase implements Database {
  readonly capabilities: Capabilities = {
    metrics: QDRANT_METRICS,
    vectorKinds: ['dense', 'sparse', 'multi'],
    elements: ['f32', 'f16', 'u8'],
    namedVectors: true,
    optionalVectors: true,
    idKinds: ['integer', 'uuid'],
    filters: ['and', 'or', 'not', 'eq', 'lt', 'lte', 'gt', 'gte', 'in', 'has', 'exists', 'contains', 'ids'],
    immediate: true,
    metricFixed: true,
    limits: { dimension: DIMENSIONS, nameBytes: NAME_LENGTH },
  };
  readonly #client: Client;
  readonly #documentKey: string;
  readonly #layouts = new Map<string, { layout: Layout; until: number }>();

  constructor(client: Client, documentKey: string) {
    this.#client = client;
    this.#documentKey = documentKey;
  }

  async ping(call: Call): Promise<{ serverVersion: string }> {
    const text = await this.#client.send('GET', '/', undefined, call);
    const { version } = JSON.parse(text) as { version?: unknown };
    if (typeof version !== 'string') throw new SyntaxError('the answer to GET / has no version');
    return { serverVersion: `Qdrant ${version}` };
  }

  /** One round trip that needs the key, unlike `GET /`. */
  async names(call: Call): Promise<string[]> {
    const { collections } = await this.#client.json<{ collections: { name: string }[] }>(
      'GET',
      '/collections',
      undefined,
      call,
    );
    return collections.map(({ name }) => name);
  }

  async collections(call: Call): Promise<CollectionSummary[]> {
    const names = await this.names(call);
    if (names.length > LISTED) return names.map(name => ({ name, count: null, countExact: false, vectors: [] }));
    const found = await Promise.all(names.map(name => this.#summary(name, call)));
    return found.filter(summary => summary !== undefined);
  }

  /** Undefined when it was dropped meanwhile. */
  async #summary(name: string, call: Call): Promise<CollectionSummary | undefined> {
    try {
      const info = await readInfo(this.#client, name, call);
      const { vectors } = layoutOf(name, this.#documentKey, info);
      return { name, count: info.points_count ?? null, countExact: false, vectors };
    } catch (error) {
      if (error instanceof Failure && error.status === 404) return undefined;
      throw error;
    }
  }

  async describe({ collection }: CollectionRef, call: Call): Promise<CollectionInfo> {
    const info = await readInfo(this.#client, collection, call);
    return describe(this.#client, this.#remember(layoutOf(collection, this.#documentKey, info)), info, call);
  }

  async create(spec: CollectionSpec, call: Call): Promise<CollectionInfo> {
    this.#layouts.delete(spec.name);
    await create(this.#client, spec, call);
    return this.describe({ collection: spec.name, partition: '' }, call);
  }

  async drop({ collection }: CollectionRef, call: Call): Promise<void> {
    this.#layouts.delete(collection);
    const dropped = await this.#client.json<boolean>('DELETE', pathOf('collections', collection), undefined, call);
    if (!dropped) throw new VdbError('not_found', `there is no collection '${collection}'`);
  }

  fetch(ref: CollectionRef, ids: Id[], want: Want, call: Call): Promise<RecordBatch> {
    return this.#on(ref, call, layout => fetch(this.#client, layout, ids, want, call));
  }

  search(ref: CollectionRef, request: SearchRequest, call: Call): Promise<SearchResult> {
    return this.#on(ref, call, layout => search(this.#client, layout, request, call));
  }

  upsert(ref: CollectionRef, batch: RecordBatch, options: { absent?: boolean }, call: Call): Promise<void> {
    return this.#on(ref, call, layout => upsert(this.#client, layout, batch, options.absent === true, call));
  }

  remove(ref: CollectionRef, ids: Id[], call: Call): Promise<number> {
    return this.#on(ref, call, layout => removeIds(this.#client, layout, ids, call));
  }

  split(ref: CollectionRef, filter: Filter, call: Call): Promise<SplitFilter> {
    return this.#on(ref, call, async layout => splitFilter(layout, filter));
  }

  async *scan(ref: CollectionRef, request: ScanRequest, call: Call): AsyncGenerator<ScanPage> {
    const layout = await this.#on(ref, call, async found => found);
    try {
      yield* scan(this.#client, layout, request, call);
    } catch (error) {
      this.#layouts.delete(ref.collection);
      throw error;
    }
  }

  count(
    ref: CollectionRef,
    { filter, exact }: { filter?: Filter; exact: boolean },
    call: Call,
  ): Promise<{ count: number; exact: boolean }> {
    return this.#on(ref, call, async layout => {
      const where = filter && filterJson(layout, filter);
      return { count: await countPoints(this.#client, layout.name, where, exact, call), exact };
    });
  }

  removeWhere(ref: CollectionRef, filter: Filter, call: Call): Promise<number> {
    return this.#on(ref, call, layout => removeWhere(this.#client, layout, filter, call));
  }

  clear({ collection }: CollectionRef, call: Call): Promise<number> {
    return clear(this.#client, collection, call);
  }

  update(ref: CollectionRef, ids: Id[], request: UpdateRequest, call: Call): Promise<number> {
    return this.#on(ref, call, layout => update(this.#client, layout, ids, request, call));
  }

  native(statement: string, params: Record<string, JsonValue>, call: Call): AsyncGenerator<string> {
    this.#layouts.clear();
    return native(this.#client, statement, params, call);
  }

  /** Writes are waited for, so only those of others can be queued. An index that still grows hides nothing. */
  async settle({ collection }: CollectionRef, call: Call): Promise<void> {
    for (;;) {
      const { update_queue } = await readInfo(this.#client, collection, call);
      if ((update_queue?.length ?? 0) === 0) return;
      await sleep(POLL_MS, undefined, { signal: call.signal });
    }
  }

  /** Green: whatever the settings want indexed is. Small segments are never; the server counts vectors, not points. */
  async indexState({ collection }: CollectionRef, call: Call): Promise<{ indexed: number; total: number }> {
    const { status, points_count, indexed_vectors_count } = await readInfo(this.#client, collection, call);
    const total = points_count ?? 0;
    return { indexed: status === 'green' ? total : Math.min(total, indexed_vectors_count ?? 0), total };
  }

  async close(): Promise<void> {
    this.#client.close();
  }

  async #on<T>({ collection }: CollectionRef, call: Call, work: (layout: Layout) => Promise<T>): Promise<T> {
    const known = this.#layouts.get(collection);
    const fresh = known !== undefined && known.until > performance.now();
    try {
      return await work(fresh ? known.layout : await this.#read(collection, call));
    } catch (error) {
      this.#layouts.delete(collection);
      throw error;
    }
  }

  async #read(collection: string, call: Call): Promise<Layout> {
    return this.#remember(layoutOf(collection, this.#documentKey, await readInfo(this.#client, collection, call)));
  }

  #remember(layout: Layout): Layout {
    this.#layouts.set(layout.name, { layout, until: performance.now() + LAYOUT_MS });
    return layout;
  }
}
