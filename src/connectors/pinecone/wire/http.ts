import http from 'node:http';
import https from 'node:https';
import { BadAnswer, httpFailure } from './httpFailure.ts';

/** Beyond what any answer may be: 1,000 records of 20,000 dimensions stay below. */
const MOST_BYTES = 512 << 20;

export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}

export interface HttpOptions {
  /** Certificates of the authorities to trust, PEM. */
  ca?: Buffer;
  insecure?: boolean;
}

/**
 * Requests that are never redirected, so that the key goes to no other host. `node:https` and not fetch, because only it can
 * be given a certificate authority without another package.
 */
export class Http {
  readonly #secure: https.Agent;
  readonly #plain = new http.Agent({ keepAlive: true, maxSockets: 32 });

  constructor({ ca, insecure }: HttpOptions) {
    this.#secure = new https.Agent({
      keepAlive: true,
      maxSockets: 32,
      ...(ca && { ca }),
      ...(insecure && { rejectUnauthorized: false }),
    });
  }

  /** Throws HttpFailure for any status but 2xx. */
  async send(
    method: string,
    url: string,
    headers: Record<string, string>,
    body: string | Buffer | undefined,
    signal: AbortSignal,
  ): Promise<Answer> {
    const answer = await this.#exchange(method, url, headers, body, signal);
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw httpFailure(answer.status, answer.body, answer.headers['retry-after']);
  }

  close(): void {
    this.#secure.destroy();
    this.#plain.destroy();
  }

  #exchange(
    method: string,
    url: string,
    headers: Record<string, string>,
    body: string | Buffer | undefined,
    signal: AbortSignal,
  ): Promise<Answer> {
    const secure = url.startsWith('https:');
    const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
    return new Promise((resolve, reject) => {
      const request = (secure ? https : http).request(
        url,
        { method, headers: { ...headers, ...length }, agent: secure ? this.#secure : this.#plain, signal },
        response => {
          const chunks: Buffer[] = [];
          let bytes = 0;
          response.on('data', (chunk: Buffer) => {
            chunks.push(chunk);
            bytes += chunk.length;
            if (bytes > MOST_BYTES) response.destroy(new BadAnswer(`an answer of more than ${MOST_BYTES} bytes`));
          });
          response.on('end', () => {
            resolve({
              status: response.statusCode!,
              headers: response.headers,
              body: Buffer.concat(chunks).toString('utf8'),
            });
          });
          response.on('error', reject);
        },
      );
      request.on('error', reject);
      request.end(body);
    });
  }
}
