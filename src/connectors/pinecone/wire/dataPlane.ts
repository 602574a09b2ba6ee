import type { Call } from '../../../core/connector.ts';
import type { Secret } from '../../../core/secret.ts';
import { inParallel } from '../inParallel.ts';
import { DEFAULT_NAMESPACE, namespaceOf, partitionOf } from '../namespaces.ts';
import type { Answer, Http } from './http.ts';
import { BadAnswer, HttpFailure } from './httpFailure.ts';

export const API_VERSION = '2026-07';
/** Ids of one page, the most that `list` gives (API 2026-07). */
export const PAGE_IDS = 100;
/** Ids of one delete request. */
const DELETE_IDS = 1000;
/** Ids travel in the query of a URL, which servers cut at 8 to 16 KB. */
const URL_CHARS = 6000;
/** Requests of one call under way; fetches are limited to 100 a second and index. */
const LANES = 4;

export interface Page<T> {
  items: T[];
  /** Undefined at the end. */
  next: string | undefined;
}

export interface QueryBody {
  topK: number;
  filter?: unknown;
  includeValues: boolean;
  includeMetadata: boolean;
  vector?: number[];
  sparseVector?: { indices: number[]; values: number[] };
}

/** LSNs by which writes are told from what reads already see; both are per namespace. */
export type OnWrite = (url: string, partition: string, lsn: bigint) => void;

/**
 * The vectors API, spoken directly: the SDK gives no status with an error, never reads Retry-After, drops the LSN headers and
 * turns typed arrays into objects (run: 9.0.0). All answers as text, because a JavaScript number has no spelling.
 */
export class DataPlane {
  readonly #http: Http;
  readonly #apiKey: Secret;
  readonly #onWrite: OnWrite;

  constructor(http: Http, apiKey: Secret, onWrite: OnWrite) {
    this.#http = http;
    this.#apiKey = apiKey;
    this.#onWrite = onWrite;
  }

  /** `body`: a whole request for that namespace. */
  async upsert(url: string, partition: string, body: Buffer, call: Call): Promise<void> {
    await this.#write(url, partition, '/vectors/upsert', body, call);
  }

  /** Records with these ids, as the texts of several answers; ids that do not exist are left out. */
  async fetch(url: string, partition: string, ids: readonly string[], call: Call): Promise<string[]> {
    return inParallel(chunks(ids), LANES, async chunk => {
      const query = [...chunk.map(id => `ids=${encodeURIComponent(id)}`), ...namespaceQuery(partition)].join('&');
      return (await this.send('GET', `${url}/vectors/fetch?${query}`, undefined, call)).body;
    });
  }

  /** One page of ids, in bitwise order; those that begin with `prefix`, if there is one. */
  async list(
    url: string,
    partition: string,
    token: string | undefined,
    call: Call,
    prefix?: string,
  ): Promise<Page<string>> {
    const query = [
      `limit=${PAGE_IDS}`,
      ...(prefix === undefined ? [] : [`prefix=${encodeURIComponent(prefix)}`]),
      ...(token === undefined ? [] : [`paginationToken=${encodeURIComponent(token)}`]),
      ...namespaceQuery(partition),
    ];
    const { body } = await this.send('GET', `${url}/vectors/list?${query.join('&')}`, undefined, call);
    const { vectors, pagination } = parse(body) as {
      vectors?: { id: string }[];
      pagination?: { next?: string } | null;
    };
    if (vectors !== undefined && !Array.isArray(vectors)) throw new BadAnswer('a listing without a list');
    return { items: (vectors ?? []).map(({ id }) => String(id)), next: pagination?.next || undefined };
  }

  /** One page of the records that a filter matches, as the answer's text; their order is not promised. */
  async fetchWhere(
    url: string,
    partition: string,
    request: { filter: unknown; limit: number; token?: string | undefined },
    call: Call,
  ): Promise<string> {
    const { filter, limit, token } = request;
    const body = {
      ...named(partition),
      filter,
      limit,
      ...(token !== undefined && { paginationToken: token }),
    };
    return (await this.send('POST', `${url}/vectors/fetch_by_metadata`, JSON.stringify(body), call)).body;
  }

  async query(url: string, partition: string, body: QueryBody, call: Call): Promise<Answer> {
    return this.send('POST', `${url}/query`, JSON.stringify({ ...named(partition), ...body }), call);
  }

  async deleteIds(url: string, partition: string, ids: readonly string[], call: Call): Promise<void> {
    for (let start = 0; start < ids.length; start += DELETE_IDS) {
      const body = { ...named(partition), ids: ids.slice(start, start + DELETE_IDS) };
      try {
        await this.#delete(url, partition, body, call);
      } catch (error) {
        if (error instanceof HttpFailure && start > 0) error.partly = true;
        throw error;
      }
    }
  }

  async deleteAll(url: string, partition: string, call: Call): Promise<void> {
    await this.#delete(url, partition, { ...named(partition), deleteAll: true }, call);
  }

  /** Records per partition. Lags behind writes. */
  async stats(url: string, call: Call): Promise<Map<string, number>> {
    const { body } = await this.send('POST', `${url}/describe_index_stats`, '{}', call);
    const { namespaces } = parse(body) as { namespaces?: Record<string, { vectorCount?: number | string }> };
    const counts = new Map<string, number>();
    for (const [name, { vectorCount = 0 }] of Object.entries(namespaces ?? {})) {
      counts.set(partitionOf(name), (counts.get(partitionOf(name)) ?? 0) + Number(vectorCount));
    }
    return counts;
  }

  /** All namespaces in bitwise order, the default one under its name. */
  async namespaces(url: string, call: Call): Promise<{ name: string; count: number | null }[]> {
    const found: { name: string; count: number | null }[] = [];
    for (let token: string | undefined; ; ) {
      const query = token === undefined ? '' : `&paginationToken=${encodeURIComponent(token)}`;
      const { body } = await this.send('GET', `${url}/namespaces?limit=${PAGE_IDS}${query}`, undefined, call);
      const { namespaces = [], pagination } = parse(body) as {
        namespaces?: { name?: string; record_count?: string; recordCount?: string }[];
        pagination?: { next?: string } | null;
      };
      for (const { name = '', record_count, recordCount } of namespaces) {
        const count = record_count ?? recordCount;
        found.push({ name: name || DEFAULT_NAMESPACE, count: count === undefined ? null : Number(count) });
      }
      token = pagination?.next || undefined;
      if (token === undefined) return found;
    }
  }

  async createNamespace(url: string, name: string, call: Call): Promise<void> {
    await this.send('POST', `${url}/namespaces`, JSON.stringify({ name }), call);
  }

  async deleteNamespace(url: string, name: string, call: Call): Promise<void> {
    await this.send('DELETE', `${url}/namespaces/${encodeURIComponent(name)}`, undefined, call);
  }

  send(method: string, url: string, body: string | Buffer | undefined, call: Call): Promise<Answer> {
    const headers = {
      'Api-Key': this.#apiKey.reveal(),
      'X-Pinecone-Api-Version': API_VERSION,
      Accept: 'application/json',
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    };
    return this.#http.send(method, url, headers, body, call.signal);
  }

  /** A namespace that does not exist holds nothing to delete; the server answers 404. */
  async #delete(url: string, partition: string, body: unknown, call: Call): Promise<void> {
    try {
      await this.#write(url, partition, '/vectors/delete', JSON.stringify(body), call);
    } catch (error) {
      if (!(error instanceof HttpFailure && error.status === 404 && /namespace/i.test(error.message))) throw error;
    }
  }

  async #write(url: string, partition: string, path: string, body: string | Buffer, call: Call): Promise<void> {
    const { headers } = await this.send('POST', `${url}${path}`, body, call);
    const lsn = headers['x-pinecone-request-lsn'];
    if (typeof lsn === 'string' && /^\d+$/.test(lsn)) this.#onWrite(url, partition, BigInt(lsn));
  }
}

export function parse(body: string): unknown {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null) return value;
  } catch (error) {
    throw new BadAnswer(error instanceof Error ? error.message : String(error));
  }
  throw new BadAnswer('an answer that is no object');
}

function named(partition: string): { namespace?: string } {
  const namespace = namespaceOf(partition);
  return namespace === undefined ? {} : { namespace };
}

function namespaceQuery(partition: string): string[] {
  const namespace = namespaceOf(partition);
  return namespace === undefined ? [] : [`namespace=${encodeURIComponent(namespace)}`];
}

function chunks(ids: readonly string[]): string[][] {
  const all: string[][] = [];
  let chars = 0;
  for (const id of ids) {
    const length = encodeURIComponent(id).length + 5;
    let last = all.at(-1);
    if (last === undefined || last.length === PAGE_IDS || chars + length > URL_CHARS) {
      last = [];
      all.push(last);
      chars = 0;
    }
    last.push(id);
    chars += length;
  }
  return all;
}
