import type {
  Call,
  CollectionRef,
  Database,
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
import { schemaOf } from './create.ts';
import { describe, summarize } from './describe.ts';
import { engineVersion } from './engineVersion.ts';
import { fetchRecords } from './fetch.ts';
import { filterSql, splitFilter } from './filterSql.ts';
import { IDS_PER_QUERY, idsCondition } from './ids.ts';
import { layoutOf, requireId } from './layout.ts';
import { type Link, openLive, openLocked, openTable } from './openTable.ts';
import { pinsOf, unpin } from './pins.ts';
import { scan } from './scan.ts';
import { search } from './search.ts';
import { withTableLock } from './tableLock.ts';
import { checkTableName, isTableName, NAME_BYTES } from './tableName.ts';
import { updateMetadata } from './update.ts';
import { Upkeep } from './upkeep.ts';
import { upsert, writeLocked } from './upsert.ts';

const CAPABILITIES: Capabilities = {
  metrics: ['cosine', 'dot', 'euclidean'],
  vectorKinds: ['dense'],
  elements: ['f32', 'f16'],
  namedVectors: true,
  optionalVectors: true,
  idKinds: ['string', 'uuid'],
  filters: ['and', 'or', 'not', 'eq', 'lt', 'lte', 'gt', 'gte', 'in', 'has', 'exists', 'contains', 'ids'],
  immediate: true,
  metricFixed: true,
  fields: { types: ['boolean', 'integer', 'float', 'string', 'array'], names: '^(?!_)[^.`\\u0000-\\u001f\\u007f]+$' },
  limits: { nameBytes: NAME_BYTES },
};

/** A directory of tables. Partitions do not exist here, so a ref is its collection. */
export class LanceDatabase implements Database {
  readonly capabilities = CAPABILITIES;
  readonly #link: Link;
  readonly #upkeep = new Upkeep();

  constructor(link: Link) {
    this.#link = link;
  }

  async ping(): Promise<{ serverVersion: string }> {
    await this.#link.connection.tableNames({ limit: 1 });
    return { serverVersion: engineVersion() };
  }

  async collections(call: Call): Promise<CollectionSummary[]> {
    const summaries: CollectionSummary[] = [];
    for (const name of await this.#names()) summaries.push(await summarize(await openTable(this.#link, name, call)));
    return summaries;
  }

  async describe({ collection }: CollectionRef, call: Call): Promise<CollectionInfo> {
    return describe(await openTable(this.#link, collection, call));
  }

  async create(spec: CollectionSpec, call: Call): Promise<CollectionInfo> {
    const schema = schemaOf(spec);
    const table = await this.#link.connection.createEmptyTable(checkTableName(spec.name), schema);
    call.signal.throwIfAborted();
    return describe({ table, layout: layoutOf(spec.name, await table.schema()) });
  }

  async drop({ collection }: CollectionRef, call: Call): Promise<void> {
    await this.#write(collection, call, async () => {
      await openLocked(this.#link, collection);
      await this.#link.connection.dropTable(collection);
    });
  }

  async fetch({ collection }: CollectionRef, ids: Id[], want: Want, call: Call): Promise<RecordBatch> {
    return fetchRecords(await openTable(this.#link, collection, call), ids, want, call);
  }

  async search({ collection }: CollectionRef, request: SearchRequest, call: Call): Promise<SearchResult> {
    return search(await openTable(this.#link, collection, call), request, call);
  }

  async upsert(
    { collection }: CollectionRef,
    batch: RecordBatch,
    { absent }: { absent?: boolean },
    call: Call,
  ): Promise<void> {
    await upsert(this.#link, collection, batch, absent ?? false, this.#upkeep, call);
  }

  async remove({ collection }: CollectionRef, ids: Id[], call: Call): Promise<number> {
    return this.#write(collection, call, async () => {
      const { table, layout } = await openLocked(this.#link, collection);
      let removed = 0;
      for (let i = 0; i < ids.length; i += IDS_PER_QUERY) {
        const condition = idsCondition(layout, ids.slice(i, i + IDS_PER_QUERY));
        if (condition !== null) removed += (await table.delete(condition)).numDeletedRows;
      }
      return removed;
    });
  }

  async split({ collection }: CollectionRef, filter: Filter, call: Call): Promise<SplitFilter> {
    return splitFilter((await openTable(this.#link, collection, call)).layout, filter);
  }

  scan({ collection }: CollectionRef, request: ScanRequest, call: Call): AsyncIterable<ScanPage> {
    return scan(this.#link, collection, request, call);
  }

  async pins(): Promise<string[]> {
    const pins = new Set<string>();
    for (const name of await this.#names()) {
      for (const pin of await pinsOf(await openLive(this.#link, name))) pins.add(pin);
    }
    return [...pins];
  }

  async release(pin: string): Promise<void> {
    for (const name of await this.#names()) await unpin(await openLive(this.#link, name), pin);
  }

  async count(
    { collection }: CollectionRef,
    { filter }: { filter?: Filter },
    call: Call,
  ): Promise<{ count: number; exact: boolean }> {
    const { table, layout } = await openTable(this.#link, collection, call);
    return { count: await table.countRows(filter && filterSql(layout, filter)), exact: true };
  }

  async removeWhere({ collection }: CollectionRef, filter: Filter, call: Call): Promise<number> {
    return this.#write(collection, call, async () => {
      const { table, layout } = await openLocked(this.#link, collection);
      return (await table.delete(filterSql(layout, filter))).numDeletedRows;
    });
  }

  async clear({ collection }: CollectionRef, call: Call): Promise<number> {
    return this.#write(collection, call, async () => {
      const { table } = await openLocked(this.#link, collection);
      return (await table.delete('true')).numDeletedRows;
    });
  }

  /** Under the lock from reading to writing, so no other update of vdb is lost. */
  async update({ collection }: CollectionRef, ids: Id[], request: UpdateRequest, call: Call): Promise<number> {
    return this.#write(collection, call, async () => {
      const opened = await openLocked(this.#link, collection);
      requireId(opened.layout);
      let updated = 0;
      for (let i = 0; i < ids.length; i += IDS_PER_QUERY) {
        const batch = await fetchRecords(opened, ids.slice(i, i + IDS_PER_QUERY), WANT_ALL, call);
        batch.metadata = batch.metadata.map(text => updateMetadata(text, request));
        await writeLocked(this.#link, collection, batch, false, this.#upkeep);
        updated += batch.count;
      }
      return updated;
    });
  }

  async close(): Promise<void> {
    this.#link.connection.close();
  }

  /** Tables whose names only other programs give (`-x`) stay theirs. */
  async #names(): Promise<string[]> {
    return (await this.#link.connection.tableNames()).filter(isTableName);
  }

  #write<T>(table: string, call: Call, section: () => Promise<T>): Promise<T> {
    return withTableLock(this.#link.path, checkTableName(table), call, section);
  }
}
