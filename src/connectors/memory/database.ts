import type {
  CollectionRef,
  Database,
  ScanPage,
  ScanRequest,
  SearchRequest,
  SearchResult,
  UpdateRequest,
} from '../../core/connector.ts';
import type { Capabilities } from '../../model/capabilities.ts';
import type { CollectionInfo, CollectionSpec, CollectionSummary } from '../../model/collection.ts';
import type { Filter } from '../../model/filter/filter.ts';
import type { Id } from '../../model/id.ts';
import type { RecordBatch, Want } from '../../model/record.ts';
import { create, NAME_BYTES } from './create.ts';
import { describe } from './describe.ts';
import { fetch } from './fetch.ts';
import { matching } from './matching.ts';
import { clear, removeIds, removeWhere } from './remove.ts';
import { scan } from './scan.ts';
import { search } from './search.ts';
import { type Collection, collectionOf, type Store } from './store.ts';
import { update } from './update.ts';
import { upsert } from './upsert.ts';

/** No engine and no index: filters are evaluated, and vectors compared, one record after the other. */
export class MemoryDatabase implements Database {
  readonly capabilities: Capabilities = {
    metrics: ['cosine', 'dot', 'euclidean'],
    vectorKinds: ['dense'],
    elements: ['f32'],
    namedVectors: true,
    optionalVectors: true,
    idKinds: ['string', 'integer', 'uuid'],
    filters: ['and', 'or', 'not', 'eq', 'lt', 'lte', 'gt', 'gte', 'in', 'has', 'exists', 'contains', 'ids'],
    immediate: true,
    metricFixed: true,
    limits: { nameBytes: NAME_BYTES, idBytes: 2000, dimension: 4096 },
  };
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async ping(): Promise<{ serverVersion: string }> {
    return { serverVersion: 'memory' };
  }

  async collections(): Promise<CollectionSummary[]> {
    return [...this.#store.values()].map(describe);
  }

  async describe(ref: CollectionRef): Promise<CollectionInfo> {
    return describe(this.#at(ref));
  }

  async create(spec: CollectionSpec): Promise<CollectionInfo> {
    create(this.#store, spec);
    return describe(collectionOf(this.#store, spec.name));
  }

  async drop(ref: CollectionRef): Promise<void> {
    this.#at(ref);
    this.#store.delete(ref.collection);
  }

  async fetch(ref: CollectionRef, ids: Id[], want: Want): Promise<RecordBatch> {
    return fetch(this.#at(ref), ids, want);
  }

  async search(ref: CollectionRef, request: SearchRequest): Promise<SearchResult> {
    return search(this.#at(ref), request);
  }

  async upsert(ref: CollectionRef, batch: RecordBatch): Promise<void> {
    upsert(this.#at(ref), batch);
  }

  async remove(ref: CollectionRef, ids: Id[]): Promise<number> {
    return removeIds(this.#at(ref), ids);
  }

  async *scan(ref: CollectionRef, request: ScanRequest): AsyncGenerator<ScanPage> {
    yield* scan(this.#at(ref), request);
  }

  async count(ref: CollectionRef, { filter }: { filter?: Filter }): Promise<{ count: number; exact: boolean }> {
    return { count: [...this.#at(ref).rows.values()].filter(matching(filter)).length, exact: true };
  }

  async removeWhere(ref: CollectionRef, filter: Filter): Promise<number> {
    return removeWhere(this.#at(ref), filter);
  }

  async clear(ref: CollectionRef): Promise<number> {
    return clear(this.#at(ref));
  }

  async update(ref: CollectionRef, ids: Id[], request: UpdateRequest): Promise<number> {
    return update(this.#at(ref), ids, request);
  }

  async close(): Promise<void> {}

  #at({ collection }: CollectionRef): Collection {
    return collectionOf(this.#store, collection);
  }
}
