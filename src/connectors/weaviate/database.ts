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
import { type RecordBatch, WANT_ALL, type Want } from '../../model/record.ts';
import { NAME_BYTES } from './collectionName.ts';
import { createClass } from './create.ts';
import { describe, summaries } from './describe.ts';
import { fetchRecords, IDS_PER_CALL } from './fetch.ts';
import { nativeFilter, splitFilter } from './filters.ts';
import { queued, settle } from './indexing.ts';
import type { Layout } from './layout.ts';
import { Layouts } from './layouts.ts';
import type { Link } from './link.ts';
import { WEAVIATE_METRICS } from './metrics.ts';
import { native } from './native.ts';
import { Reader } from './reader.ts';
import { removeMatching } from './remove.ts';
import { scan } from './scan.ts';
import { search } from './search.ts';
import { Tenants } from './tenants.ts';
import { updateMetadata } from './update.ts';
import { upsert } from './upsert.ts';
import { uuidRanges } from './uuidSpace.ts';
import { pathOf } from './wire/rest.ts';
import { EVERYTHING, positive } from './wireFilter.ts';

const CAPABILITIES: Capabilities = {
  metrics: WEAVIATE_METRICS,
  vectorKinds: ['dense', 'multi'],
  elements: ['f32'],
  namedVectors: true,
  optionalVectors: true,
  idKinds: ['uuid'],
  filters: ['and', 'or', 'not', 'eq', 'lt', 'lte', 'gt', 'gte', 'in', 'has', 'exists', 'ids'],
  partitions: true,
  immediate: true,
  metricFixed: true,
  // Other keys than these get a name that is near.
  fields: { types: ['boolean', 'integer', 'float', 'string', 'array'], names: '[0-9A-Za-z]' },
  // QUERY_MAXIMUM_RESULTS; the width of a vector is a uint16.
  limits: { dimension: 65_535, nameBytes: NAME_BYTES, topK: 10_000 },
};

/** Schema over REST, records over gRPC. */
export class WeaviateDatabase implements Database {
  readonly capabilities = CAPABILITIES;
  readonly #link: Link;
  readonly #layouts: Layouts;
  readonly #tenants: Tenants;

  constructor(link: Link) {
    this.#link = link;
    this.#layouts = new Layouts(link);
    this.#tenants = new Tenants(link);
  }

  async ping(call: Call): Promise<{ serverVersion: string }> {
    const { version } = await this.#link.rest.json<{ version: string }>('GET', '/v1/meta', undefined, call);
    return { serverVersion: version };
  }

  collections(call: Call): Promise<CollectionSummary[]> {
    return summaries(this.#link, call);
  }

  async describe(ref: CollectionRef, call: Call): Promise<CollectionInfo> {
    const layout = await this.#layouts.of(ref.collection, call, true);
    return describe(this.#link, layout, this.#tenants, ref, call);
  }

  async create(spec: CollectionSpec, call: Call): Promise<CollectionInfo> {
    this.#forget();
    const collection = await createClass(this.#link, spec, call);
    return this.describe({ collection, partition: '' }, call);
  }

  async drop(ref: CollectionRef, call: Call): Promise<void> {
    const { collection } = await this.#layouts.of(ref.collection, call, true);
    this.#forget();
    await this.#link.rest.text('DELETE', pathOf('schema', collection), undefined, call);
    this.#forget();
  }

  async fetch(ref: CollectionRef, ids: Id[], want: Want, call: Call): Promise<RecordBatch> {
    const { layout, tenant } = await this.#one(ref, call);
    return fetchRecords(this.#reader(layout, want), tenant, ids, call);
  }

  async search(ref: CollectionRef, request: SearchRequest, call: Call): Promise<SearchResult> {
    const { layout, tenant } = await this.#one(ref, call, request.filter);
    const filters = request.filter && (await nativeFilter(this.#link, layout, [tenant], request.filter, call));
    return search(this.#reader(layout, request.want), layout, tenant, request, filters, call);
  }

  async upsert(ref: CollectionRef, batch: RecordBatch, { absent }: { absent?: boolean }, call: Call): Promise<void> {
    // Read afresh, for the server would make a class that is gone anew, with types of its own guessing.
    const layout = await this.#layouts.of(ref.collection, call, true);
    const tenant = await this.#tenants.written(layout, ref, call);
    await upsert(this.#link, this.#layouts, layout, tenant, batch, absent ?? false, call);
  }

  async remove(ref: CollectionRef, ids: Id[], call: Call): Promise<number> {
    const { layout, tenant } = await this.#one(ref, call);
    let removed = 0;
    for (let i = 0; i < ids.length; i += IDS_PER_CALL) {
      const filter: Filter = { op: 'ids', ids: ids.slice(i, i + IDS_PER_CALL) };
      const native = await nativeFilter(this.#link, layout, [tenant], filter, call);
      removed += await removeMatching(this.#link, layout.collection, tenant, native, call);
    }
    return removed;
  }

  async split(ref: CollectionRef, filter: Filter, call: Call): Promise<SplitFilter> {
    const { layout, tenants } = await this.#all(ref, call, filter);
    return splitFilter(this.#link, layout, tenants, filter, call);
  }

  async *scan(ref: CollectionRef, request: ScanRequest, call: Call): AsyncGenerator<ScanPage> {
    const { layout, tenants } = await this.#all(ref, call, request.filter);
    const filters = request.filter && (await nativeFilter(this.#link, layout, tenants, request.filter, call));
    yield* scan(this.#reader(layout, request.want), tenants, request, filters, call);
  }

  async ranges(ref: CollectionRef, n: number, call: Call): Promise<JsonValue[]> {
    await this.#layouts.of(ref.collection, call);
    return uuidRanges(n).map(({ from, to }) => ({ from, to }));
  }

  async count(
    ref: CollectionRef,
    { filter }: { filter?: Filter },
    call: Call,
  ): Promise<{ count: number; exact: boolean }> {
    const { layout, tenants } = await this.#all(ref, call, filter);
    const { collection } = layout;
    const native = filter && positive(await nativeFilter(this.#link, layout, tenants, filter, call));
    let count = 0;
    for (const tenant of tenants)
      count += await this.#link.grpc.count({ collection, tenant, ...(native && { filters: native }) }, call);
    return { count, exact: true };
  }

  async removeWhere(ref: CollectionRef, filter: Filter, call: Call): Promise<number> {
    const { layout, tenant } = await this.#one(ref, call, filter);
    const native = await nativeFilter(this.#link, layout, [tenant], filter, call);
    return removeMatching(this.#link, layout.collection, tenant, native, call);
  }

  async clear(ref: CollectionRef, call: Call): Promise<number> {
    const { layout, tenant } = await this.#one(ref, call);
    return removeMatching(this.#link, layout.collection, tenant, EVERYTHING, call);
  }

  /** Whole records are written back, as the server's own merge cannot take a property away; updates of vdb do not meet. */
  async update(ref: CollectionRef, ids: Id[], request: UpdateRequest, call: Call): Promise<number> {
    const { layout, tenant } = await this.#one(ref, call);
    return this.#layouts.locked(layout, async () => {
      let updated = 0;
      for (let i = 0; i < ids.length; i += IDS_PER_CALL) {
        const some = ids.slice(i, i + IDS_PER_CALL);
        const batch = await fetchRecords(this.#reader(layout, WANT_ALL), tenant, some, call);
        if (batch.count === 0) continue;
        batch.metadata = batch.metadata.map(text => updateMetadata(text, request));
        await upsert(this.#link, this.#layouts, layout, tenant, batch, true, call);
        updated += batch.count;
      }
      return updated;
    });
  }

  native(statement: string, params: Record<string, JsonValue>, call: Call): AsyncGenerator<string> {
    this.#forget();
    return native(this.#link, statement, params, call);
  }

  async settle(ref: CollectionRef, call: Call): Promise<void> {
    const { collection } = await this.#layouts.of(ref.collection, call);
    await settle(this.#link, collection, ref.partition, call);
  }

  async indexState(ref: CollectionRef, call: Call): Promise<{ indexed: number; total: number }> {
    const { collection } = await this.#layouts.of(ref.collection, call);
    const waiting = await queued(this.#link, collection, ref.partition, call);
    const { count: total } = await this.count(ref, {}, call);
    return { indexed: Math.max(0, total - waiting), total };
  }

  async partitions(collection: string, call: Call): Promise<{ name: string; count: number | null }[]> {
    const layout = await this.#layouts.of(collection, call);
    if (!layout.partitioned) return [];
    return this.#tenants.counted(layout, call);
  }

  async createPartition(ref: CollectionRef, call: Call): Promise<void> {
    await this.#tenants.create(await this.#layouts.of(ref.collection, call), ref.partition, call);
  }

  async dropPartition(ref: CollectionRef, call: Call): Promise<void> {
    await this.#tenants.drop(await this.#layouts.of(ref.collection, call), ref.partition, call);
  }

  async close(): Promise<void> {
    this.#link.rest.close();
    this.#link.grpc.close();
  }

  #reader(layout: Layout, want: Want): Reader {
    return new Reader(this.#link, this.#layouts, layout, want);
  }

  #forget(): void {
    this.#layouts.forget();
    this.#tenants.forget();
  }

  /** For verbs that need one tenant where there are any. */
  async #one(ref: CollectionRef, call: Call, filter?: Filter): Promise<{ layout: Layout; tenant: string }> {
    const layout = await this.#layout(ref, call, filter);
    return { layout, tenant: await this.#tenants.one(layout, ref, call) };
  }

  /** For verbs where no partition means all of them. */
  async #all(ref: CollectionRef, call: Call, filter?: Filter): Promise<{ layout: Layout; tenants: string[] }> {
    const layout = await this.#layout(ref, call, filter);
    return { layout, tenants: await this.#tenants.all(layout, ref, call) };
  }

  async #layout(ref: CollectionRef, call: Call, filter: Filter | undefined): Promise<Layout> {
    return this.#layouts.knowing(await this.#layouts.of(ref.collection, call), filter, call);
  }
}
