import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HttpAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

export interface Asked {
  /** `METHOD /path?query`. */
  line: string;
  headers: IncomingHttpHeaders;
  /** On the clock of `performance`. */
  atMs: number;
}

/** An HTTP server that hands requests on to the one behind it, except for those that `answer` takes; it keeps what it was asked. */
export class HttpRelay {
  readonly asked: Asked[] = [];
  readonly #answer: (line: string) => HttpAnswer | undefined;
  readonly #behind: string | undefined;
  readonly #server = createServer((asked, response) => this.#serve(asked, response));

  private constructor(answer: (line: string) => HttpAnswer | undefined, behind: string | undefined) {
    this.#answer = answer;
    this.#behind = behind;
  }

  /** `behind` is a URL without a path; without it, what `answer` does not take is 404. */
  static async start(answer: (line: string) => HttpAnswer | undefined, behind?: string): Promise<HttpRelay> {
    const relay = new HttpRelay(answer, behind);
    await new Promise<void>(resolve => relay.#server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }

  #serve(asked: IncomingMessage, response: ServerResponse): void {
    const line = `${asked.method} ${asked.url}`;
    this.asked.push({ line, headers: asked.headers, atMs: performance.now() });
    const answer = this.#answer(line) ?? (this.#behind === undefined ? { status: 404 } : undefined);
    if (answer) {
      asked.resume().on('end', () => response.writeHead(answer.status, answer.headers).end(answer.body));
      return;
    }
    const { method, headers } = asked;
    const onward = request(`${this.#behind}${asked.url}`, { method, headers }, got => {
      response.writeHead(got.statusCode!, got.headers);
      got.pipe(response);
    });
    onward.on('error', () => response.destroy());
    asked.pipe(onward);
  }
}
