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
import { countNodes } from './countNodes.ts';
import { createCollection, dropCollection, planCollection } from './create.ts';
import { describe } from './describe.ts';
import { fetch } from './fetch.ts';
import { filterCypher } from './filterCypher.ts';
import { ID_BYTES } from './ids.ts';
import { awaitIndexes, indexesOf } from './indexes.ts';
import { exists, findLayout } from './introspect.ts';
import type { Layout } from './layout.ts';
import type { Neo4jLink, Params } from './link.ts';
import { listCollections } from './listCollections.ts';
import { dropIndexes, restoreIndexes } from './loading.ts';
import { native } from './native.ts';
import { quote } from './quote.ts';
import { empty, remove, removeAll } from './remove.ts';
import { scan } from './scan.ts';
import { search } from './search.ts';
import { split } from './split.ts';
import { update } from './update.ts';
import { upsert } from './upsert.ts';

/** How long a label's schema is believed; a statement that fails on it makes it be read again. */
const LAYOUT_MS = 1_000;
/** The same where learning it takes a walk over all nodes. */
const WALKED_MS = 30_000;

/** Vector indexes as they are now came with this version. */
const OLDEST = [5, 13];

export class Neo4jDatabase implements Database {
  readonly capabilities: Capabilities = {
    metrics: ['cosine', 'euclidean'],
    vectorKinds: ['dense'],
    elements: ['f32'],
    namedVectors: true,
    optionalVectors: true,
    idKinds: ['string', 'integer', 'uuid'],
    filters: ['and', 'or', 'not', 'eq', 'lt', 'lte', 'gt', 'gte', 'in', 'has', 'exists', 'contains', 'ids'],
    immediate: true,
    metricFixed: true,
    fields: { types: ['boolean', 'integer', 'float', 'string', 'array'], mixed: true, names: '^[^\\0]+$' },
    limits: { dimension: 4_096, idBytes: ID_BYTES },
  };
  readonly #link: Neo4jLink;
  readonly #layouts = new Map<string, { layout: Layout; until: number }>();

  private constructor(link: Neo4jLink) {
    this.#link = link;
  }

  /** Throws `unsupported` for a server without vector indexes. */
  static async open(link: Neo4jLink, call: Call): Promise<Neo4jDatabase> {
    const database = new Neo4jDatabase(link);
    try {
      const { version } = await beforeAbort(call.signal, database.#server(call));
      const [major = 0, minor = 0] = version.split('.').map(Number);
      if (major < OLDEST[0]! || (major === OLDEST[0] && minor < OLDEST[1]!)) {
        throw new VdbError('unsupported', `Neo4j ${version} has no vector indexes`, {
          hint: `They came with ${OLDEST.join('.')}.`,
        });
      }
      if (major > OLDEST[0]!) link.speakCypher5();
    } catch (error) {
      // Not awaited: it waits for a connection that a mute server never finishes.
      void link.close().catch(() => undefined);
      throw error;
    }
    return database;
  }

  async ping(call: Call): Promise<{ serverVersion: string }> {
    const { version, edition } = await this.#server(call);
    return { serverVersion: `Neo4j ${version} ${edition}` };
  }

  collections(call: Call): Promise<CollectionSummary[]> {
    return listCollections(this.#link, call);
  }

  async describe(ref: CollectionRef, call: Call): Promise<CollectionInfo> {
    this.#layouts.delete(ref.collection);
    return describe(this.#link, await this.#layout(ref, call), call);
  }

  async create(spec: CollectionSpec, call: Call): Promise<CollectionInfo> {
    const plan = planCollection(spec);
    this.#layouts.delete(spec.name);
    if (await exists(this.#link, spec.name, call)) {
      throw new VdbError('exists', `there is a collection '${spec.name}' already`, { outcome: 'not_applied' });
    }
    await createCollection(this.#link, plan, call);
    return this.describe({ collection: spec.name, partition: '' }, call);
  }

  async drop(ref: CollectionRef, call: Call): Promise<void> {
    this.#layouts.delete(ref.collection);
    const { label } = await this.#layout(ref, call);
    this.#layouts.delete(ref.collection);
    await dropCollection(this.#link, label, call);
  }

  async fetch(ref: CollectionRef, ids: Id[], want: Want, call: Call): Promise<RecordBatch> {
    return fetch(this.#link, await this.#layout(ref, call), ids, want, call);
  }

  async search(ref: CollectionRef, request: SearchRequest, call: Call): Promise<SearchResult> {
    const layout = await this.#layout(ref, call);
    return this.#believing(ref, search(this.#link, layout, request, call));
  }

  async upsert(ref: CollectionRef, batch: RecordBatch, options: { absent?: boolean }, call: Call): Promise<void> {
    const layout = await this.#layout(ref, call);
    await this.#believing(ref, upsert(this.#link, layout, batch, options.absent === true, call));
  }

  async remove(ref: CollectionRef, ids: Id[], call: Call): Promise<number> {
    return remove(this.#link, await this.#layout(ref, call), ids, call);
  }

  async split(ref: CollectionRef, filter: Filter, call: Call): Promise<SplitFilter> {
    return split(this.#link, await this.#layout(ref, call), filter, call);
  }

  async *scan(ref: CollectionRef, request: ScanRequest, call: Call): AsyncGenerator<ScanPage> {
    yield* scan(this.#link, await this.#layout(ref, call), request, call);
  }

  async count(
    ref: CollectionRef,
    { filter }: { filter?: Filter; exact: boolean },
    call: Call,
  ): Promise<{ count: number; exact: boolean }> {
    const layout = await this.#layout(ref, call);
    if (filter === undefined) return { count: await countNodes(this.#link, layout.label, call), exact: true };
    const params: Params = {};
    const condition = filterCypher(layout, filter, params);
    const [row] = await this.#link.read(
      `MATCH (n:${quote(layout.label)}) WHERE ${condition} RETURN count(n)`,
      params,
      call,
    );
    return { count: Number(row!.get(0)), exact: true };
  }

  async removeWhere(ref: CollectionRef, filter: Filter, call: Call): Promise<number> {
    const layout = await this.#layout(ref, call);
    const params: Params = {};
    return removeAll(this.#link, layout.label, filterCypher(layout, filter, params), params, call);
  }

  async clear(ref: CollectionRef, call: Call): Promise<number> {
    const { label } = await this.#layout(ref, call);
    return empty(this.#link, label, call);
  }

  async update(ref: CollectionRef, ids: Id[], request: UpdateRequest, call: Call): Promise<number> {
    return update(this.#link, await this.#layout(ref, call), ids, request, call);
  }

  native(statement: string, params: Record<string, JsonValue>, call: Call): AsyncGenerator<string> {
    this.#layouts.clear();
    return native(this.#link, statement, params, call);
  }

  async load(ref: CollectionRef, call: Call): Promise<JsonValue> {
    this.#layouts.delete(ref.collection);
    const layout = await this.#layout(ref, call);
    this.#layouts.delete(ref.collection);
    return dropIndexes(this.#link, layout, call);
  }

  async unload(ref: CollectionRef, restore: JsonValue, call: Call): Promise<void> {
    const { label } = await this.#layout(ref, call);
    this.#layouts.delete(ref.collection);
    await restoreIndexes(this.#link, label, restore, call);
  }

  async settle(ref: CollectionRef, call: Call): Promise<void> {
    await awaitIndexes(this.#link, (await this.#layout(ref, call)).label, call);
  }

  async indexState(ref: CollectionRef, call: Call): Promise<{ indexed: number; total: number }> {
    const { label } = await this.#layout(ref, call);
    const indexes = (await indexesOf(this.#link, label, call)).filter(each => each.type === 'VECTOR');
    const total = await countNodes(this.#link, label, call);
    const least = Math.min(100, ...indexes.map(each => each.populated));
    return { indexed: Math.floor((total * least) / 100), total };
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  async #server(call: Call): Promise<{ version: string; edition: string }> {
    // Nothing more than this is allowed on the system database, which is where users are managed.
    const rows = await this.#link.read('CALL dbms.components() YIELD name, versions, edition', {}, call);
    const kernel = rows.find(row => row.get('name') === 'Neo4j Kernel');
    return { version: String(kernel?.get('versions')[0]), edition: String(kernel?.get('edition')) };
  }

  async #layout({ collection }: CollectionRef, call: Call): Promise<Layout> {
    const known = this.#layouts.get(collection);
    if (known !== undefined && known.until > performance.now()) return known.layout;
    const layout = await findLayout(this.#link, collection, call);
    const lasts = layout.key?.constrained ? LAYOUT_MS : WALKED_MS;
    this.#layouts.set(collection, { layout, until: performance.now() + lasts });
    return layout;
  }

  async #believing<T>({ collection }: CollectionRef, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      this.#layouts.delete(collection);
      throw error;
    }
  }
}

/** Settles like `work`, or rejects when the signal aborts: the driver cannot be told to stop waiting for a mute server. */
function beforeAbort<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
