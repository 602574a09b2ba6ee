import { request as httpRequest, Agent as PlainAgent } from 'node:http';
import { request as httpsRequest, Agent as TlsAgent } from 'node:https';
import type { Call } from '../../core/connector.ts';
import type { Secret } from '../../core/secret.ts';
import { VdbError } from '../../model/errors.ts';
import type { Address } from './address.ts';
import { HttpFailure } from './httpFailure.ts';

export type Auth = 'token' | 'bearer' | 'basic';

/** As many calls as core has in flight on one Database, and one that reads ahead for each. */
const SOCKETS = 16;

/**
 * The wire. Not the SDK's (chromadb 3.5.0): that drops the cause of an error, so that refused, DNS, TLS and timeout are one;
 * strips nulls from metadata; sends the whole floats of metadata as integers; and parses 64-bit integers into doubles.
 * `node:http` follows no redirect, so no key ever reaches another host.
 */
export class HttpLink {
  readonly #base: URL;
  readonly #agent: PlainAgent;
  readonly #auth: Auth;
  readonly #key: Secret | undefined;

  constructor({ base, tls }: Address, auth: Auth, key: Secret | undefined) {
    this.#base = base;
    const options = { keepAlive: true, maxSockets: SOCKETS };
    this.#agent = base.protocol === 'https:' ? new TlsAgent({ ...options, ...tls }) : new PlainAgent(options);
    this.#auth = auth;
    this.#key = key;
  }

  /** Sends one request, `path` below `/api/v2`, and gives the answer's text. Throws HttpFailure unless the status is 2xx. */
  send(method: string, path: string, body: string | undefined, { signal }: Call): Promise<string> {
    const data = body === undefined ? undefined : Buffer.from(body);
    const { hostname, port, pathname, protocol } = this.#base;
    const options = {
      method,
      hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
      ...(port !== '' && { port }),
      path: `${pathname === '/' ? '' : pathname}/api/v2${path}`,
      agent: this.#agent,
      signal,
      headers: {
        accept: 'application/json',
        ...this.#credential(),
        ...(data !== undefined && { 'content-type': 'application/json', 'content-length': data.length }),
      },
    };
    return new Promise((resolve, reject) => {
      const request = (protocol === 'https:' ? httpsRequest : httpRequest)(options, response => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const { statusCode = 0, headers } = response;
          const text = Buffer.concat(chunks).toString('utf8');
          if (statusCode >= 200 && statusCode < 300) resolve(text);
          else reject(new HttpFailure(statusCode, text, headers['retry-after']));
        });
      });
      request.on('error', reject);
      request.end(data);
    });
  }

  /** The same for answers that are small and need no exact numbers. */
  async json<T>(method: string, path: string, body: unknown, call: Call): Promise<T> {
    return parseAnswer<T>(await this.send(method, path, body === undefined ? undefined : JSON.stringify(body), call));
  }

  close(): void {
    this.#agent.destroy();
  }

  #credential(): Record<string, string> {
    const key = this.#key?.reveal();
    if (key === undefined || key === '') return {};
    if (/[^\t\x20-\x7e]/.test(key)) {
      throw new VdbError('denied', 'the apiKey holds characters that no HTTP header can', { reason: 'auth' });
    }
    if (this.#auth === 'token') return { 'x-chroma-token': key };
    return { authorization: this.#auth === 'bearer' ? `Bearer ${key}` : `Basic ${btoa(key)}` };
  }
}

export function parseAnswer<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw badAnswer(`'${text.slice(0, 60).trim()}' is not JSON`);
  }
}

export function badAnswer(cause: string): VdbError {
  return new VdbError('protocol', 'the server did not answer as Chroma does', {
    reason: 'bad_answer',
    cause,
    hint: 'Check that a Chroma server with API v2 is at that address.',
  });
}
