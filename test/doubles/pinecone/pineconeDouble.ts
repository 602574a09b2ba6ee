import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { byId, jsonOf, printed } from './answerJson.ts';
import { type Act, Faults } from './faults.ts';
import { matchFilter, Refused } from './matchFilter.ts';
import { NamespaceStore, type StoredVector } from './namespaceStore.ts';
import { scoreOf } from './score.ts';
import { type IndexShape, queryValues, sparseOf, storedVector } from './validate.ts';

const BODY_BYTES = 2 * 1024 * 1024;
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,43}[a-z0-9])?$/;
const DEFAULT = '__default__';

export interface DoubleOptions {
  apiKey?: string;
  /** Reads show writes so much later. */
  staleMs?: number;
  /** A new index is ready after, and a dropped one gone after, that time. */
  settingUpMs?: number;
  /** See matchFilter. */
  missingIsNotEqual?: boolean;
}

interface Index {
  name: string;
  fields: Record<string, { type: string; dimension?: number; metric?: string }>;
  shape: IndexShape;
  deployment: Record<string, unknown>;
  deletionProtection: string;
  tags: Record<string, string> | null;
  madeAt: number;
  goneAt: number | undefined;
  namespaces: Map<string, NamespaceStore>;
}

interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/**
 * Pinecone in memory: control plane and data plane of API 2026-07 on one port of the loopback. An index's data plane is under
 * `/data/NAME`. What it assumes of the cloud stands in ../README.md.
 */
export class PineconeDouble {
  readonly faults = new Faults();
  /** `METHOD /path?query` of every request, in order. */
  readonly requests: string[] = [];
  readonly options: Required<DoubleOptions>;
  readonly #server = createServer({ maxHeaderSize: 16 << 10 }, (request, response) => {
    this.#serve(request, response).catch(error => response.destroy(error as Error));
  });
  readonly #indexes = new Map<string, Index>();
  /** Tokens of pages, of which those handed out so far can be let die. */
  #tokens = 0;
  #dead = 0;

  constructor(options: DoubleOptions = {}) {
    this.options = { apiKey: 'test-key', staleMs: 0, settingUpMs: 0, missingIsNotEqual: true, ...options };
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** No token given out before is known any more. */
  killTokens(): void {
    this.#dead = this.#tokens;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const line = `${request.method} ${request.url}`;
    this.requests.push(line);
    const act = this.faults.for(line);
    if (act?.kind === 'status') return plain(response, act.status, act.body ?? `fault ${act.status}`, act.headers);
    if (request.headers['api-key'] !== this.options.apiKey) return plain(response, 401, 'Invalid API Key');
    const reply = this.#answer(request.method!, new URL(request.url!, this.url), body, act);
    await send(response, reply, act);
  }

  #answer(method: string, url: URL, body: Buffer, act: Act | undefined): Reply {
    const [, plane, name, ...rest] = url.pathname.split('/').map(decodeURIComponent);
    const data = plane === 'data';
    try {
      if (body.length > BODY_BYTES) {
        throw new Refused(
          `Error, message length too large: found ${body.length} bytes, the limit is: ${BODY_BYTES} bytes`,
        );
      }
      const json = body.length === 0 ? {} : (JSON.parse(body.toString('utf8')) as Record<string, unknown>);
      if (data) return this.#data(method, name!, rest.join('/'), url.searchParams, json, act);
      if (plane === 'indexes' && rest.length === 0) return this.#control(method, name, json);
      return controlError(404, 'NOT_FOUND', `no such path ${url.pathname}`);
    } catch (error) {
      if (!(error instanceof Refused || error instanceof SyntaxError)) throw error;
      return data ? rpcError(400, 3, error.message) : controlError(400, 'INVALID_ARGUMENT', error.message);
    }
  }

  #control(method: string, name: string | undefined, json: Record<string, unknown>): Reply {
    if (method === 'GET' && name === undefined) {
      return {
        status: 200,
        body: { indexes: [...this.#indexes.values()].filter(isThere).map(each => this.#model(each)) },
      };
    }
    if (method === 'POST' && name === undefined) return this.#create(json);
    const index = name === undefined ? undefined : this.#indexes.get(name);
    if (!index || !isThere(index)) return controlError(404, 'NOT_FOUND', `Resource ${name} not found`);
    if (method === 'GET') return { status: 200, body: this.#model(index) };
    if (method === 'PATCH') {
      const { deletion_protection, tags } = json as { deletion_protection?: string; tags?: Record<string, string> };
      if (deletion_protection) index.deletionProtection = deletion_protection;
      if (tags) index.tags = { ...index.tags, ...tags };
      return { status: 200, body: this.#model(index) };
    }
    if (method !== 'DELETE') return controlError(405, 'METHOD_NOT_ALLOWED', method);
    if (index.deletionProtection === 'enabled') {
      const why = 'Deletion protection is enabled for this index. Disable deletion protection before retrying.';
      return controlError(403, 'FORBIDDEN', why);
    }
    index.goneAt ??= performance.now() + this.options.settingUpMs;
    return { status: 202 };
  }

  #create(json: Record<string, unknown>): Reply {
    const {
      name,
      schema,
      deployment = {},
      deletion_protection = 'disabled',
      tags = null,
    } = json as {
      name?: string;
      schema?: { fields?: Index['fields'] };
      deployment?: Record<string, unknown>;
      deletion_protection?: string;
      tags?: Record<string, string> | null;
    };
    if (typeof name !== 'string' || !NAME.test(name)) {
      throw new Refused('Name must consist of lower case alphanumeric characters or "-", 1 to 45 of them');
    }
    const there = this.#indexes.get(name);
    if (there && isThere(there)) return controlError(409, 'ALREADY_EXISTS', 'Resource already exists');
    const fields = schema?.fields ?? {};
    if (Object.keys(fields).length === 0) throw new Refused('Schema must contain at least one field');
    const index: Index = {
      name,
      fields,
      shape: shapeOf(fields),
      deployment: { environment: 'double', ...deployment },
      deletionProtection: deletion_protection,
      tags,
      madeAt: performance.now(),
      goneAt: undefined,
      namespaces: new Map(),
    };
    this.#indexes.set(name, index);
    return { status: 201, body: this.#model(index) };
  }

  #model(index: Index): Record<string, unknown> {
    const ready = performance.now() >= index.madeAt + this.options.settingUpMs;
    const state = index.goneAt !== undefined ? 'Terminating' : ready ? 'Ready' : 'Initializing';
    // Dense classic indexes always report both fields.
    const fields =
      '_values' in index.fields ? { ...index.fields, _sparse_values: { type: 'sparse_vector' } } : index.fields;
    return {
      name: index.name,
      host: `${this.url}/data/${index.name}`,
      status: { ready: ready && index.goneAt === undefined, state },
      deployment: index.deployment,
      schema: { fields },
      deletion_protection: index.deletionProtection,
      tags: index.tags,
    };
  }

  #data(
    method: string,
    name: string,
    path: string,
    query: URLSearchParams,
    json: Record<string, unknown>,
    act: Act | undefined,
  ): Reply {
    const index = this.#indexes.get(name);
    if (!index || !isThere(index)) return rpcError(404, 5, 'Index not found');
    if (Object.keys(index.fields).some(field => !field.startsWith('_'))) throw new Refused('not a vector index');
    const namespace = (method === 'GET' ? query.get('namespace') : (json.namespace as string | undefined)) || DEFAULT;
    const widen = act?.kind === 'wrongDimension';
    const verb = `${method} ${path.startsWith('namespaces/') ? 'namespaces/*' : path}`;
    switch (verb) {
      case 'POST vectors/upsert':
        return this.#upsert(index, namespace, json);
      case 'GET vectors/list':
        return this.#list(index, namespace, query);
      case 'GET vectors/fetch':
        return this.#fetch(index, namespace, query.getAll('ids'), widen);
      case 'POST vectors/fetch_by_metadata':
        return this.#fetchWhere(index, namespace, json, widen);
      case 'POST query':
        return this.#query(index, namespace, json, widen);
      case 'POST vectors/delete':
        return this.#delete(index, namespace, json);
      case 'POST vectors/update':
        return this.#update(index, namespace, json);
      case 'POST describe_index_stats':
        return this.#stats(index);
      case 'GET namespaces':
        return this.#namespaces(index, query);
      case 'POST namespaces':
        return createNamespace(index, json);
      case 'GET namespaces/*':
      case 'DELETE namespaces/*':
        return this.#namespace(index, method, path.slice('namespaces/'.length));
      default:
        return rpcError(404, 5, `no such path /${path}`);
    }
  }

  #upsert(index: Index, namespace: string, { vectors }: Record<string, unknown>): Reply {
    if (!Array.isArray(vectors) || vectors.length === 0) throw new Refused('No vectors to upsert');
    if (vectors.length > 1000) throw new Refused(`${vectors.length} vectors exceed the limit of 1000 per request`);
    const stored = vectors.map(each => storedVector(each, index.shape));
    if (!index.namespaces.has(namespace)) index.namespaces.set(namespace, new NamespaceStore());
    const lsn = index.namespaces.get(namespace)!.write(records => {
      for (const each of stored) records.set(each.id, each);
    });
    return { status: 200, body: { upsertedCount: stored.length }, headers: { 'x-pinecone-request-lsn': String(lsn) } };
  }

  #read(index: Index, namespace: string): { records: Map<string, StoredVector>; lsn: number } {
    return index.namespaces.get(namespace)?.read(this.options.staleMs) ?? { records: new Map(), lsn: 0 };
  }

  #list(index: Index, namespace: string, query: URLSearchParams): Reply {
    const limit = limitOf(query.get('limit') ?? '100');
    const prefix = query.get('prefix') ?? '';
    const after = this.#position(query.get('paginationToken'));
    const ids = [...this.#read(index, namespace).records.keys()]
      .filter(id => id.startsWith(prefix) && (after === undefined || id > after))
      .sort(bitwise);
    const page = ids.slice(0, limit);
    const body = { vectors: page.map(id => ({ id })), namespace: shownName(namespace), usage: { readUnits: 1 } };
    if (ids.length <= limit) return { status: 200, body };
    return { status: 200, body: { ...body, pagination: { next: this.#token(page.at(-1)!) } } };
  }

  #fetch(index: Index, namespace: string, ids: string[], widen: boolean): Reply {
    if (ids.length === 0 || ids.length > 1000) throw new Refused('fetch takes 1 to 1000 ids');
    const { records } = this.#read(index, namespace);
    const found = ids.flatMap(id => records.get(id) ?? []);
    return {
      status: 200,
      body: { vectors: byId(found, widen), namespace: shownName(namespace), usage: { readUnits: 1 } },
    };
  }

  #fetchWhere(index: Index, namespace: string, json: Record<string, unknown>, widen: boolean): Reply {
    const limit = limitOf(String(json.limit ?? 100));
    const after = this.#position((json.paginationToken as string | undefined) ?? null);
    const found = [...this.#read(index, namespace).records.values()]
      .filter(each => this.#matches(json.filter, each) && (after === undefined || backwards(each.id) > after))
      // Any order but that of the ids.
      .sort((a, b) => bitwise(backwards(a.id), backwards(b.id)));
    const page = found.slice(0, limit);
    const body = { vectors: byId(page, widen), namespace: shownName(namespace), usage: { readUnits: 1 } };
    if (found.length <= limit) return { status: 200, body };
    return { status: 200, body: { ...body, pagination: { next: this.#token(backwards(page.at(-1)!.id)) } } };
  }

  #query(index: Index, namespace: string, json: Record<string, unknown>, widen: boolean): Reply {
    const { topK, vector, id, sparseVector, filter, includeValues, includeMetadata } = json;
    if (!Number.isInteger(topK) || (topK as number) < 1 || (topK as number) > 10_000) {
      throw new Refused('topK must be 1 to 10000');
    }
    const { records, lsn } = this.#read(index, namespace);
    const like = typeof id === 'string' ? records.get(id) : undefined;
    if (id !== undefined && (vector !== undefined || sparseVector !== undefined)) {
      throw new Refused('id and vector exclude each other');
    }
    const { kind, dimension, metric } = index.shape;
    const dense = kind === 'dense' && id === undefined ? queryValues(vector, dimension!) : like?.values;
    const sparse = sparseVector === undefined ? like?.sparse : sparseOf(sparseVector, 'the query');
    if (kind === 'sparse' && !sparse && id === undefined) throw new Refused('a sparse index takes a sparseVector');
    const matches = [...records.values()]
      .filter(each => filter === undefined || this.#matches(filter, each))
      .flatMap(each => {
        const score = scoreOf(each, dense, sparse, metric);
        return score === undefined ? [] : [{ each, score }];
      })
      .sort((a, b) => (metric === 'euclidean' ? a.score - b.score : b.score - a.score))
      .slice(0, topK as number)
      .map(({ each, score }) => {
        const whole = jsonOf(each, widen);
        return {
          id: each.id,
          score,
          values: includeValues ? whole.values : [],
          ...(includeValues === true && whole.sparseValues !== undefined && { sparseValues: whole.sparseValues }),
          ...(includeMetadata === true && each.metadata && { metadata: each.metadata }),
        };
      });
    return {
      status: 200,
      body: { matches, namespace: shownName(namespace), usage: { readUnits: 1 } },
      headers: { 'x-pinecone-max-indexed-lsn': String(lsn) },
    };
  }

  #delete(index: Index, namespace: string, { ids, filter, deleteAll }: Record<string, unknown>): Reply {
    const given = [ids !== undefined, filter !== undefined, deleteAll === true].filter(Boolean);
    if (given.length !== 1) throw new Refused('delete takes one of ids, filter and deleteAll');
    if (Array.isArray(ids) && (ids.length === 0 || ids.length > 1000)) throw new Refused('delete takes 1 to 1000 ids');
    const store = index.namespaces.get(namespace);
    if (!store) return rpcError(404, 5, 'Namespace not found');
    if (filter !== undefined) matchFilter(filter, {}, false);
    const lsn = store.write(records => {
      if (deleteAll === true) records.clear();
      else if (Array.isArray(ids)) for (const id of ids) records.delete(id);
      else for (const each of [...records.values()]) if (this.#matches(filter, each)) records.delete(each.id);
    });
    return { status: 200, body: {}, headers: { 'x-pinecone-request-lsn': String(lsn) } };
  }

  #update(index: Index, namespace: string, json: Record<string, unknown>): Reply {
    const { id, values, sparseValues, setMetadata } = json;
    const store = index.namespaces.get(namespace);
    if (!store) return { status: 200, body: {} };
    const lsn = store.write(records => {
      const old = records.get(String(id));
      if (!old) return;
      const metadata = { ...old.metadata, ...(setMetadata as Partial<typeof old.metadata>) };
      const merged = { id, values: values ?? [...old.values], sparseValues, metadata };
      const fresh = storedVector(merged, index.shape);
      records.set(old.id, { ...fresh, ...(sparseValues === undefined && old.sparse && { sparse: old.sparse }) });
    });
    return { status: 200, body: {}, headers: { 'x-pinecone-request-lsn': String(lsn) } };
  }

  #stats(index: Index): Reply {
    const counts = [...index.namespaces].map(([name, store]): [string, number] => [
      shownName(name),
      store.read(this.options.staleMs).records.size,
    ]);
    const { dimension, metric, kind } = index.shape;
    return {
      status: 200,
      body: {
        namespaces: Object.fromEntries(counts.map(([name, vectorCount]) => [name, { vectorCount }])),
        ...(dimension !== null && { dimension }),
        indexFullness: 0,
        totalVectorCount: counts.reduce((sum, [, count]) => sum + count, 0),
        metric,
        vectorType: kind,
      },
    };
  }

  #namespaces(index: Index, query: URLSearchParams): Reply {
    const limit = limitOf(query.get('limit') ?? '100');
    const prefix = query.get('prefix') ?? '';
    const after = this.#position(query.get('paginationToken'));
    const names = [...index.namespaces.keys()]
      .filter(name => name.startsWith(prefix) && (after === undefined || name > after))
      .sort(bitwise);
    const page = names.slice(0, limit);
    const body = { namespaces: page.map(name => this.#described(index, name)) };
    if (names.length <= limit) return { status: 200, body };
    return { status: 200, body: { ...body, pagination: { next: this.#token(page.at(-1)!) } } };
  }

  #namespace(index: Index, method: string, name: string): Reply {
    if (!index.namespaces.has(name)) return rpcError(404, 5, 'Namespace not found');
    if (method === 'GET') return { status: 200, body: this.#described(index, name) };
    index.namespaces.delete(name);
    return { status: 202, body: {} };
  }

  #described(index: Index, name: string): Record<string, unknown> {
    return { name, record_count: String(this.#read(index, name).records.size) };
  }

  #matches(filter: unknown, { metadata = {} }: StoredVector): boolean {
    return matchFilter(filter, metadata, this.options.missingIsNotEqual);
  }

  #token(last: string): string {
    return Buffer.from(JSON.stringify({ n: ++this.#tokens, last })).toString('base64');
  }

  #position(token: string | null): string | undefined {
    if (token === null) return undefined;
    try {
      const { n, last } = JSON.parse(Buffer.from(token, 'base64').toString()) as { n: number; last: string };
      if (n > this.#dead) return last;
    } catch {
      // Not one of ours.
    }
    throw new Refused('Invalid pagination token');
  }
}

function isThere({ goneAt }: Index): boolean {
  return goneAt === undefined || performance.now() < goneAt;
}

function shapeOf(fields: Index['fields']): IndexShape {
  const dense = fields._values;
  if (!dense) return { kind: 'sparse', dimension: null, metric: 'dotproduct' };
  const { dimension = 0, metric = 'cosine' } = dense;
  if (!(Number.isInteger(dimension) && dimension >= 1 && dimension <= 20_000)) throw new Refused('bad dimension');
  if (!['cosine', 'dotproduct', 'euclidean'].includes(metric)) throw new Refused(`unknown metric ${metric}`);
  return { kind: 'dense', dimension, metric };
}

function createNamespace(index: Index, { name }: Record<string, unknown>): Reply {
  if (typeof name !== 'string' || !/^[\x01-\x7f]{1,512}$/.test(name)) throw new Refused('bad namespace name');
  if (name === DEFAULT) throw new Refused('__default__ is reserved');
  if (index.namespaces.has(name)) return rpcError(409, 6, 'Namespace already exists');
  index.namespaces.set(name, new NamespaceStore());
  return { status: 200, body: { name, record_count: '0' } };
}

/** The default namespace is '' in answers. */
function shownName(namespace: string): string {
  return namespace === DEFAULT ? '' : namespace;
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) throw new Refused(`limit must be 1 to 100, not ${text}`);
  return limit;
}

function bitwise(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function backwards(text: string): string {
  return [...text].reverse().join('');
}

function rpcError(status: number, code: number, message: string): Reply {
  return { status, body: { code, message, details: [] } };
}

function controlError(status: number, code: string, message: string): Reply {
  return { status, body: { status, error: { code, message } } };
}

function plain(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  const type = body.startsWith('{') ? 'application/json' : 'text/plain';
  response.writeHead(status, { 'Content-Type': type, ...headers }).end(body);
}

async function send(response: ServerResponse, { status, body, headers }: Reply, act: Act | undefined): Promise<void> {
  let text = Buffer.from(body === undefined ? '' : printed(body));
  if (act?.kind === 'truncate') text = text.subarray(0, text.length >> 1);
  if (act?.kind === 'delay') await sleep(act.ms);
  response.writeHead(status, {
    'Content-Length': text.length,
    ...(body !== undefined && { 'Content-Type': 'application/json' }),
    ...headers,
  });
  if (act?.kind === 'reset') {
    response.write(text.subarray(0, act.afterBytes), () => response.socket?.resetAndDestroy());
    return;
  }
  if (act?.kind === 'drip') {
    for (let at = 0; at < text.length && !response.destroyed; at += 8) {
      response.write(text.subarray(at, at + 8));
      await sleep(act.ms);
    }
  } else response.write(text);
  response.end();
}
