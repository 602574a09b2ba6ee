import type {
  Call,
  CollectionRef,
  Database,
  JsonValue,
  ScanPage,
  ScanRequest,
  SearchRequest,
  SearchResult,
  UpdateRequest,
} from '../../core/connector.ts';
import { selectRows } from '../../model/batch.ts';
import type { Capabilities } from '../../model/capabilities.ts';
import type { CollectionInfo, CollectionSpec, CollectionSummary } from '../../model/collection.ts';
import { VdbError } from '../../model/errors.ts';
import type { Filter } from '../../model/filter/filter.ts';
import { type Id, idKey } from '../../model/id.ts';
import type { RecordBatch, Want } from '../../model/record.ts';
import { BITS, createSteps, DIMENSIONS, NAME_BYTES } from './createTable.ts';
import { describe, vectorSpecs } from './describe.ts';
import { filterSql } from './filterSql.ts';
import { ID_BYTES, idsSql } from './ids.ts';
import { allLayouts, candidates, collectionName, findLayout, type LayoutOptions, type Mark } from './introspect.ts';
import { type Layout, tableName } from './layout.ts';
import { dropIndexes, restoreIndexes } from './loading.ts';
import { BIT_METRICS } from './metrics.ts';
import { native } from './native.ts';
import { recordReader } from './recordReader.ts';
import { scan } from './scan.ts';
import { search } from './search.ts';
import type { SqlLink } from './sqlLink.ts';
import { update } from './update.ts';
import { upsert } from './upsert.ts';

/** How long a table's columns are believed; a statement that fails on them makes them be read again. */
const LAYOUT_MS = 1_000;

/** One SQL for the embedded and the real server. */
export class PgvectorDatabase implements Database {
  readonly capabilities: Capabilities;
  readonly #link: SqlLink;
  readonly #options: LayoutOptions;
  readonly #layouts = new Map<string, { layout: Layout; until: number }>();

  constructor(link: SqlLink, options: LayoutOptions) {
    this.#link = link;
    this.#options = options;
    this.capabilities = {
      metrics: ['cosine', 'dot', 'euclidean', 'manhattan'],
      vectorKinds: ['dense', 'sparse', 'multi'],
      elements: ['f32', 'f16', 'bit'],
      bits: { metrics: BIT_METRICS, dimension: BITS },
      unranked: ['multi'],
      namedVectors: true,
      optionalVectors: true,
      idKinds: ['string', 'uuid'],
      filters: ['and', 'or', 'not', 'eq', 'lt', 'lte', 'gt', 'gte', 'in', 'has', 'exists', 'contains', 'ids'],
      immediate: true,
      fields: { types: ['null', 'boolean', 'integer', 'float', 'string', 'array', 'object'], mixed: true },
      ...(link.exclusive && { exclusive: true }),
      limits: { dimension: DIMENSIONS, idBytes: ID_BYTES, nameBytes: NAME_BYTES },
    };
  }

  async ping(call: Call): Promise<{ serverVersion: string }> {
    const { rows } = await this.#link.query(
      `select current_setting('server_version'), (select extversion from pg_extension where extname = 'vector')`,
      [],
      call,
    );
    const [server, vector] = rows[0]!;
    const pgvector = vector == null ? '' : `, pgvector ${vector}`;
    return { serverVersion: `PostgreSQL ${server}${this.#link.exclusive ? ' (PGlite)' : ''}${pgvector}` };
  }

  async collections(call: Call): Promise<CollectionSummary[]> {
    const layouts = await allLayouts(this.#link, this.#options, call);
    return layouts.map(layout => ({
      name: collectionName(layout, this.#options),
      count: layout.estimate,
      countExact: false,
      vectors: vectorSpecs(layout),
    }));
  }

  async describe(ref: CollectionRef, call: Call): Promise<CollectionInfo> {
    const { layout } = await this.#find(ref.collection, call);
    return describe(this.#link, layout, ref.collection, call);
  }

  async create(spec: CollectionSpec, call: Call): Promise<CollectionInfo> {
    const table = await this.#place(spec.name, call);
    const steps = createSteps(table, spec);
    if (spec.vectors.length > 0) await this.#needExtension(call);
    this.#layouts.clear();
    await this.#link.transaction(steps, call);
    return this.describe({ collection: collectionName(table, this.#options), partition: '' }, call);
  }

  async drop(ref: CollectionRef, call: Call): Promise<void> {
    const { layout } = await this.#find(ref.collection, call);
    this.#layouts.clear();
    await this.#link.query(`drop table ${tableName(layout)}`, [], call);
  }

  async fetch(ref: CollectionRef, ids: Id[], want: Want, call: Call): Promise<RecordBatch> {
    const layout = await this.#layout(ref, call);
    const reader = recordReader(layout, want);
    const sql = `copy (select ${reader.columns} from ${tableName(layout)} t where ${idsSql(layout, ids)})
      to stdout (format binary)`;
    const { batch } = reader.read(await this.#reading(ref, this.#link.copyOut(sql, [], call)));
    const rows = new Map(batch.ids.map((id, row) => [idKey(id), row]));
    const order = ids.map(id => rows.get(idKey(id))).filter(row => row !== undefined);
    return selectRows(batch, order);
  }

  async search(ref: CollectionRef, request: SearchRequest, call: Call): Promise<SearchResult> {
    const layout = await this.#layout(ref, call);
    return this.#reading(ref, search(this.#link, layout, request, call));
  }

  async upsert(ref: CollectionRef, batch: RecordBatch, options: { absent?: boolean }, call: Call): Promise<void> {
    const layout = await this.#layout(ref, call);
    await this.#reading(ref, upsert(this.#link, layout, batch, options.absent === true, call));
  }

  async remove(ref: CollectionRef, ids: Id[], call: Call): Promise<number> {
    const layout = await this.#layout(ref, call);
    return this.#delete(ref, layout, idsSql(layout, ids), call);
  }

  async removeWhere(ref: CollectionRef, filter: Filter, call: Call): Promise<number> {
    const layout = await this.#layout(ref, call);
    return this.#delete(ref, layout, filterSql(layout, filter), call);
  }

  async clear(ref: CollectionRef, call: Call): Promise<number> {
    return this.#delete(ref, await this.#layout(ref, call), 'true', call);
  }

  async update(ref: CollectionRef, ids: Id[], request: UpdateRequest, call: Call): Promise<number> {
    const layout = await this.#layout(ref, call);
    return this.#reading(ref, update(this.#link, layout, ids, request, call));
  }

  async *scan(ref: CollectionRef, request: ScanRequest, call: Call): AsyncGenerator<ScanPage> {
    const { layout } = await this.#find(ref.collection, call);
    yield* scan(this.#link, layout, request, call);
  }

  async count(
    ref: CollectionRef,
    request: { filter?: Filter; exact: boolean },
    call: Call,
  ): Promise<{ count: number; exact: boolean }> {
    const { layout } = await this.#find(ref.collection, call);
    if (!request.exact && !request.filter && layout.estimate !== null) return { count: layout.estimate, exact: false };
    const where = request.filter ? ` where ${filterSql(layout, request.filter)}` : '';
    const { rows } = await this.#link.query(`select count(*) from ${tableName(layout)} t${where}`, [], call);
    return { count: Number(rows[0]![0]), exact: true };
  }

  native(statement: string, params: Record<string, JsonValue>, call: Call): AsyncGenerator<string> {
    this.#layouts.clear();
    return native(this.#link, statement, params, call);
  }

  async load(ref: CollectionRef, call: Call): Promise<JsonValue> {
    const { layout, mark } = await this.#find(ref.collection, call);
    this.#layouts.clear();
    return dropIndexes(this.#link, layout, mark, call);
  }

  async unload(ref: CollectionRef, restore: JsonValue, call: Call): Promise<void> {
    const { layout, mark } = await this.#find(ref.collection, call);
    this.#layouts.clear();
    await restoreIndexes(this.#link, layout, mark, restore, call);
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  async #delete(ref: CollectionRef, layout: Layout, where: string, call: Call): Promise<number> {
    const sql = `delete from ${tableName(layout)} t where ${where}`;
    return (await this.#reading(ref, this.#link.query(sql, [], call))).count;
  }

  #find(collection: string, call: Call): Promise<{ layout: Layout; mark: Mark | null }> {
    return findLayout(this.#link, this.#options, collection, call);
  }

  async #layout(ref: CollectionRef, call: Call): Promise<Layout> {
    const known = this.#layouts.get(ref.collection);
    if (known !== undefined && known.until > performance.now()) return known.layout;
    const { layout } = await this.#find(ref.collection, call);
    this.#layouts.set(ref.collection, { layout, until: performance.now() + LAYOUT_MS });
    return layout;
  }

  async #reading<T>(ref: CollectionRef, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      this.#layouts.delete(ref.collection);
      throw error;
    }
  }

  /** Asked for first, as making it takes rights that using it does not. */
  async #needExtension(call: Call): Promise<void> {
    const { rows } = await this.#link.query(`select 1 from pg_extension where extname = 'vector'`, [], call);
    if (rows.length === 0) await this.#link.query('create extension if not exists vector', [], call);
  }

  /** Where a new collection goes: `schema.table` when there is such a schema, else a table of that name in the default one. */
  async #place(name: string, call: Call): Promise<{ schema: string; table: string }> {
    const [first, ...others] = candidates(this.#options.schema, name);
    if (others.length === 0) return first!;
    const { rows } = await this.#link.query(
      'select nspname::text from pg_namespace where nspname::text = any($1::text[])',
      [others.map(each => each.schema)],
      call,
    );
    const schemas = rows.map(([schema]) => schema);
    const place = others.find(each => schemas.includes(each.schema)) ?? first!;
    if (place.table === '') throw new VdbError('invalid', `'${name}' is not a collection name`);
    return place;
  }
}
