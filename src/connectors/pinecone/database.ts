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
import type { CollectionInfo, CollectionSpec, CollectionSummary, VectorSpec } from '../../model/collection.ts';
import { VdbError } from '../../model/errors.ts';
import type { Filter } from '../../model/filter/filter.ts';
import type { Id } from '../../model/id.ts';
import type { RecordBatch, Want } from '../../model/record.ts';
import { count } from './count.ts';
import { createOptions } from './create.ts';
import { describe } from './describe.ts';
import { fetchRecords } from './fetch.ts';
import { splitFilter } from './filter/split.ts';
import { ID_CHARS } from './ids.ts';
import { type IndexModel, indexInfo, vectorSpecs } from './indexInfo.ts';
import { type Link, placeOf } from './link.ts';
import { DEFAULT_NAMESPACE, partitionOf } from './namespaces.ts';
import { native } from './native.ts';
import { METADATA_BYTES } from './records/storedMetadata.ts';
import { clear, removeIds, removeWhere } from './remove.ts';
import { scan } from './scan.ts';
import { MOST_HITS, search } from './search.ts';
import { update } from './update.ts';
import { upsert } from './upsert.ts';
import { API_VERSION } from './wire/dataPlane.ts';

const CAPABILITIES: Capabilities = {
  metrics: ['cosine', 'dot', 'euclidean'],
  vectorKinds: ['dense', 'sparse'],
  elements: ['f32'],
  idKinds: ['string', 'uuid'],
  filters: ['and', 'or', 'not', 'eq', 'lt', 'lte', 'gt', 'gte', 'in', 'exists', 'ids'],
  partitions: true,
  // How long a token of `list` lives is not documented.
  unstableWalk: true,
  metricFixed: true,
  fields: { types: ['boolean', 'integer', 'float', 'string', 'array'], mixed: true, names: '^(?!\\$)[^\\0]*$' },
  limits: { dimension: 20_000, idBytes: ID_CHARS, metadataBytes: METADATA_BYTES, nameBytes: 45, topK: MOST_HITS },
};

/** How long `settle` waits. */
const SETTLE_MS = 60_000;

/** A project of serverless indexes. */
export class PineconeDatabase implements Database {
  readonly capabilities = CAPABILITIES;
  readonly #link: Link;
  readonly #controlUrl: string;

  constructor(link: Link, controlUrl: string) {
    this.#link = link;
    this.#controlUrl = controlUrl;
  }

  async ping(call: Call): Promise<{ serverVersion: string }> {
    await this.#link.control.list(call);
    return { serverVersion: `API ${API_VERSION}` };
  }

  /** Indexes of other kinds are listed too, without vectors. */
  async collections(call: Call): Promise<CollectionSummary[]> {
    return (await this.#link.control.list(call)).map(model => ({
      name: model.name,
      count: null,
      countExact: false,
      vectors: listedVectors(model),
    }));
  }

  async describe({ collection, partition }: CollectionRef, call: Call): Promise<CollectionInfo> {
    await this.#link.info(collection, call, true);
    return this.#link.using(collection, call, info => describe(this.#link, info, partition, call));
  }

  async create(spec: CollectionSpec, call: Call): Promise<CollectionInfo> {
    const options = createOptions(spec, this.#link.settings);
    this.#link.forget(spec.name);
    await this.#link.control.create(options, call);
    return this.describe({ collection: spec.name, partition: '' }, call);
  }

  async drop({ collection }: CollectionRef, call: Call): Promise<void> {
    const model = await this.#link.control.describe(collection, call);
    this.#link.forget(collection);
    if (listedVectors(model).length > 0) this.#link.freshness.forget(indexInfo(model));
    await this.#link.control.drop(collection, call);
  }

  fetch({ collection, partition }: CollectionRef, ids: Id[], want: Want, call: Call): Promise<RecordBatch> {
    return this.#link.using(
      collection,
      call,
      async info => (await fetchRecords(this.#link, info, placeOf(partition), ids, want, call)).batch,
    );
  }

  search({ collection, partition }: CollectionRef, request: SearchRequest, call: Call): Promise<SearchResult> {
    return this.#link.using(collection, call, info => search(this.#link, info, partition, request, call));
  }

  upsert(
    { collection, partition }: CollectionRef,
    batch: RecordBatch,
    { absent }: { absent?: boolean },
    call: Call,
  ): Promise<void> {
    const placed = { ...batch, partition: placeOf(partition) };
    return this.#link.using(collection, call, info => upsert(this.#link, info, placed, absent === true, call));
  }

  remove({ collection, partition }: CollectionRef, ids: Id[], call: Call): Promise<number> {
    return this.#link.using(collection, call, info => removeIds(this.#link, info, placeOf(partition), ids, call));
  }

  split({ collection, partition }: CollectionRef, filter: Filter, call: Call): Promise<SplitFilter> {
    return this.#link.using(collection, call, async info => {
      const places = partition === '' ? await this.#link.knownPlaces(info, call) : [placeOf(partition)];
      return splitFilter(this.#link, info, places, filter, call);
    });
  }

  async *scan({ collection, partition }: CollectionRef, request: ScanRequest, call: Call): AsyncGenerator<ScanPage> {
    try {
      yield* scan(this.#link, await this.#link.info(collection, call), partition, request, call);
    } catch (error) {
      this.#link.forget(collection);
      throw error;
    }
  }

  count(
    { collection, partition }: CollectionRef,
    request: { filter?: Filter; exact: boolean },
    call: Call,
  ): Promise<{ count: number; exact: boolean }> {
    return this.#link.using(collection, call, info => count(this.#link, info, partition, request, call));
  }

  removeWhere({ collection, partition }: CollectionRef, filter: Filter, call: Call): Promise<number> {
    return this.#link.using(collection, call, info => removeWhere(this.#link, info, partition, filter, call));
  }

  clear({ collection, partition }: CollectionRef, call: Call): Promise<number> {
    return this.#link.using(collection, call, info => clear(this.#link, info, partition, call));
  }

  update({ collection, partition }: CollectionRef, ids: Id[], request: UpdateRequest, call: Call): Promise<number> {
    return this.#link.using(collection, call, info => update(this.#link, info, placeOf(partition), ids, request, call));
  }

  native(statement: string, params: Record<string, JsonValue>, call: Call): AsyncGenerator<string> {
    return native(this.#link, this.#controlUrl, statement, params, call);
  }

  /** What this connection wrote; what others did, or an earlier daemon, is not known. */
  async settle({ collection, partition }: CollectionRef, call: Call): Promise<void> {
    const partitions = partition === '' ? {} : { partitions: [placeOf(partition)] };
    const visible = await this.#link.using(collection, call, info =>
      this.#link.freshness.settle(this.#link.data, info, call, { ...partitions, waitMs: SETTLE_MS }),
    );
    if (visible) return;
    throw new VdbError('busy', `index '${collection}' does not show the last writes after ${SETTLE_MS / 1000} s`, {
      reason: 'not_visible_yet',
      outcome: 'not_applied',
    });
  }

  /** The default one, which is always there, as '' and only when it holds records. */
  partitions(collection: string, call: Call): Promise<{ name: string; count: number | null }[]> {
    return this.#link.using(collection, call, async info => {
      const found = await this.#link.data.namespaces(info.url, call);
      return found
        .map(({ name, count }) => ({ name: partitionOf(name), count }))
        .filter(({ name, count }) => name !== '' || count !== 0);
    });
  }

  async createPartition({ collection, partition }: CollectionRef, call: Call): Promise<void> {
    const name = partitionName(partition);
    await this.#link.using(collection, call, async info => {
      const found = await this.#link.data.namespaces(info.url, call);
      if (name === DEFAULT_NAMESPACE || found.some(each => each.name === name)) {
        throw new VdbError('exists', `index '${collection}' has a partition '${name}' already`, {
          outcome: 'not_applied',
        });
      }
      await this.#link.data.createNamespace(info.url, name, call);
    });
  }

  /** With all of its records. */
  async dropPartition({ collection, partition }: CollectionRef, call: Call): Promise<void> {
    const name = partitionName(partition);
    await this.#link.using(collection, call, async info => {
      const found = await this.#link.data.namespaces(info.url, call);
      if (!found.some(each => each.name === name)) {
        throw new VdbError('not_found', `index '${collection}' has no partition '${name}'`, {
          outcome: 'not_applied',
        });
      }
      await this.#link.data.deleteNamespace(info.url, name, call);
      this.#link.freshness.forget(info, placeOf(name));
    });
  }

  async close(): Promise<void> {
    this.#link.close();
  }
}

/** A namespace's name is ASCII without NUL, at most 512 characters (API 2026-07). */
function partitionName(partition: string): string {
  if (/^[\x01-\x7f]{1,512}$/.test(partition)) return partition;
  throw new VdbError('invalid', `'${partition}' cannot name a partition`, {
    outcome: 'not_applied',
    hint: 'Use 1 to 512 characters of ASCII.',
  });
}

function listedVectors(model: IndexModel): VectorSpec[] {
  try {
    return vectorSpecs(indexInfo(model));
  } catch (error) {
    if (error instanceof VdbError) return [];
    throw error;
  }
}
