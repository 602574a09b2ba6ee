import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Call } from '../../../core/connector.ts';
import type { Secret } from '../../../core/secret.ts';
import type { Address, TlsFiles } from '../address.ts';
import { Failure } from './failure.ts';

export type Method = 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';

const SOCKETS = 16;

/**
 * The REST interface: schema, tenants, nodes. Own, because the official client (weaviate-client 3.14.0) takes no CA and no
 * client certificate, drops the cause of a failed connection, refuses classes whose answer lacks a key it wants, and prints to
 * the console while it retries. Never follows a redirect, so the key stays with the server it was given for.
 */
export class RestLink {
  readonly #address: Address;
  readonly #agent: HttpAgent;
  readonly #apiKey: Secret | undefined;

  constructor(address: Address, tls: TlsFiles, apiKey: Secret | undefined) {
    this.#address = address;
    const pool = { keepAlive: true, maxSockets: SOCKETS, scheduling: 'lifo' as const };
    const { verify, ca, cert, key } = tls;
    const files = {
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
    };
    this.#agent = address.secure
      ? new HttpsAgent({ ...pool, ...files, rejectUnauthorized: verify })
      : new HttpAgent(pool);
    this.#apiKey = apiKey;
  }

  /** The parsed answer. Throws Failure for one that is not a success, else the socket's own error. */
  async json<T>(method: Method, path: string, body: unknown, call: Call): Promise<T> {
    return JSON.parse(await this.text(method, path, body, call)) as T;
  }

  async text(method: Method, path: string, body: unknown, call: Call): Promise<string> {
    const sent = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const { status, headers, text } = await this.#exchange(method, path, sent, call);
    if (status < 200 || status > 299) throw new Failure(status, path, text, headers['retry-after']);
    return text;
  }

  close(): void {
    this.#agent.destroy();
  }

  #exchange(method: Method, path: string, body: Buffer | undefined, call: Call) {
    const { secure, host, port, prefix } = this.#address;
    return new Promise<{ status: number; headers: IncomingMessage['headers']; text: string }>((resolve, reject) => {
      const request = (secure ? httpsRequest : httpRequest)({
        method,
        host,
        port,
        path: prefix + path,
        agent: this.#agent,
        signal: call.signal,
        headers: {
          accept: 'application/json',
          ...(body && { 'content-type': 'application/json', 'content-length': body.length }),
          ...(this.#apiKey && { authorization: `Bearer ${this.#apiKey.reveal()}` }),
        },
      });
      request.on('error', reject);
      request.on('response', response => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      });
      request.end(body);
    });
  }
}

/** A path in the interface; the parts are names. */
export function pathOf(...parts: string[]): string {
  return `/v1/${parts.map(encodeURIComponent).join('/')}`;
}
