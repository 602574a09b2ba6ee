import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TlsOptions } from 'node:tls';
import { type Faults, noFaults } from './faults.ts';
import { type JsonObject, type Printable, parseJson, printJson } from './json.ts';
import { badFormat, Refusal } from './refusal.ts';
import { ROUTES, type Route } from './routes.ts';
import { serdeFloat } from './serdeFloat.ts';
import { Store } from './store.ts';

export interface DoubleOptions {
  /** Without one every caller may do everything. */
  apiKey?: string;
  readOnlyKey?: string;
  tls?: TlsOptions;
  /** 0 takes a free one. */
  port?: number;
}

export interface QdrantDouble {
  url: string;
  port: number;
  faults: Faults;
  store: Store;
  /** `METHOD path` of each request, and what it carried of a key. */
  log: { line: string; key: string | undefined }[];
  close(): Promise<void>;
}

/** `service.max_request_size_mb` of 32. */
const MOST_BYTES = 32 * 1024 * 1024;
const OPEN: Record<string, string> = {
  '/healthz': 'healthz check passed',
  '/livez': 'healthz check passed',
  '/readyz': 'all shards are ready',
};

/** A Qdrant in memory that speaks the REST interface of 1.18.3 on loopback. */
export async function startQdrant(options: DoubleOptions = {}): Promise<QdrantDouble> {
  const double = new Double(options);
  const handler = (request: IncomingMessage, response: ServerResponse) => void double.answer(request, response);
  const server: Server = options.tls ? createSecureServer(options.tls, handler) : createServer(handler);
  await new Promise<void>(resolve => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls ? 'https://localhost' : 'http://127.0.0.1'}:${port}`,
    port,
    faults: double.faults,
    store: double.store,
    log: double.log,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

class Double {
  readonly faults = noFaults();
  readonly store = new Store();
  readonly log: QdrantDouble['log'] = [];
  readonly #options: DoubleOptions;
  #requests = 0;

  constructor(options: DoubleOptions) {
    this.#options = options;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const key = keyOf(request);
    this.log.push({ line: `${request.method} ${request.url}`, key });
    if (this.faults.latencyMs > 0) await sleep(this.faults.latencyMs);
    if (this.#fails(response)) return;
    const [path, parameters = ''] = request.url!.split('?') as [string, string?];
    if (OPEN[path] !== undefined) return send(response, 200, OPEN[path], 'text/plain; charset=utf-8');
    const refusedKey = path === '/' ? undefined : this.#refuseKey(key);
    if (refusedKey !== undefined) return send(response, 401, refusedKey, undefined);
    if (path === '/') {
      const version = {
        title: 'qdrant - vector search engine',
        version: '1.18.3',
        commit: 'db8fa43fcb6aedec1e739487e17a99731b74590a',
      };
      return send(response, 200, JSON.stringify(version), 'application/json');
    }
    const found = findRoute(request.method!, path);
    if (found === undefined) return send(response, 404, '', undefined);
    const { status, text } = this.#run(found, key, body, parameters);
    this.#deliver(response, status, text);
  }

  /** True when a fault took the request. */
  #fails(response: ServerResponse): boolean {
    const { faults } = this;
    this.#requests++;
    if (faults.redirectTo !== undefined) {
      response.writeHead(307, { location: faults.redirectTo }).end();
      return true;
    }
    if (faults.stalled > 0) {
      faults.stalled--;
      return true;
    }
    if (faults.rateLimited > 0) {
      faults.rateLimited--;
      response.setHeader('retry-after', faults.retryAfter);
      send(response, 429, errorJson('Rate limiting exceeded: Read rate limit exceeded'), 'application/json');
      return true;
    }
    if (faults.errorEvery > 0 && this.#requests % faults.errorEvery === 0) {
      send(response, faults.errorStatus, errorJson('Service internal error: injected'), 'application/json');
      return true;
    }
    return false;
  }

  #refuseKey(key: string | undefined): string | undefined {
    const { apiKey, readOnlyKey } = this.#options;
    if (apiKey === undefined) return undefined;
    if (key === undefined) return 'Must provide an API key or an Authorization bearer token';
    return key === apiKey || key === readOnlyKey ? undefined : 'Invalid API key or JWT';
  }

  #run(
    { route, names }: Found,
    key: string | undefined,
    body: Buffer,
    parameters: string,
  ): { status: number; text: string } {
    try {
      if (body.length > MOST_BYTES) throw new Refusal(413, 'Payload too large');
      const { apiKey, readOnlyKey } = this.#options;
      if (route.writes && apiKey !== undefined && key === readOnlyKey) {
        throw new Refusal(403, 'Forbidden: Global manage access is required');
      }
      const json = body.length === 0 ? new Map() : readBody(body.toString('utf8'));
      const wait = new URLSearchParams(parameters).get('wait') === 'true';
      const result = route.run({ store: this.store, faults: this.faults, names, body: json, wait });
      return { status: 200, text: resultJson(result) };
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal(500, `Service internal error: ${error}`);
      return { status: refusal.status, text: errorJson(refusal.message) };
    }
  }

  #deliver(response: ServerResponse, status: number, text: string): void {
    const { faults } = this;
    if (faults.resets > 0) {
      faults.resets--;
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
      response.write(text.slice(0, faults.resetAfterBytes), () => response.socket?.resetAndDestroy());
      return;
    }
    const cut = faults.truncated > 0;
    if (cut) faults.truncated--;
    send(response, status, cut ? text.slice(0, text.length >> 1) : text, 'application/json');
  }
}

interface Found {
  route: Route;
  names: string[];
}

function findRoute(method: string, path: string): Found | undefined {
  const parts = path.split('/');
  for (const route of ROUTES) {
    const pattern = route.path.split('/');
    if (route.method !== method || pattern.length !== parts.length) continue;
    if (!pattern.every((part, i) => part === ':' || part === parts[i])) continue;
    // A literal part wins over a name: `points/scroll` is no point.
    const names = parts.filter((_, i) => pattern[i] === ':').map(decodeURIComponent);
    const literal = ROUTES.some(other => other !== route && other.method === method && other.path === path);
    if (!literal) return { route, names };
  }
  return undefined;
}

function readBody(text: string): JsonObject {
  try {
    const body = parseJson(text, serdeFloat);
    if (body instanceof Map) return body;
  } catch (error) {
    throw badFormat(error instanceof Error ? error.message : String(error));
  }
  throw badFormat('invalid type: expected a map');
}

function resultJson(result: Printable): string {
  return `{"result":${printJson(result)},"status":"ok","time":0.0001}`;
}

function errorJson(message: string): string {
  return JSON.stringify({ status: { error: message }, time: 0.0001 });
}

function send(response: ServerResponse, status: number, text: string, type: string | undefined): void {
  const body = Buffer.from(text);
  response.writeHead(status, { 'content-length': body.length, ...(type !== undefined && { 'content-type': type }) });
  response.end(body);
}

function keyOf(request: IncomingMessage): string | undefined {
  const key = request.headers['api-key'];
  if (typeof key === 'string') return key;
  return /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
