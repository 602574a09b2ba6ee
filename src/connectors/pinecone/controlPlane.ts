import { Pinecone } from '@pinecone-database/pinecone';
import type { Call } from '../../core/connector.ts';
import type { Secret } from '../../core/secret.ts';
import { VdbError } from '../../model/errors.ts';
import type { IndexModel } from './indexInfo.ts';
import { pause } from './pause.ts';
import type { Http } from './wire/http.ts';
import { BadAnswer, HttpFailure } from './wire/httpFailure.ts';

/** 1 to 45 of lower-case letters, digits and `-`, alphanumeric at both ends (API 2026-07). */
export const INDEX_NAME = /^[a-z0-9](?:[a-z0-9-]{0,43}[a-z0-9])?$/;

const POLL_MS = 100;
const MOST_POLL_MS = 2_000;

export type CreateOptions = Parameters<Pinecone['createIndex']>[0];

/**
 * Indexes, by the official SDK. Its errors carry no status, 5xx lose their text and 403 becomes a bad request (run: 9.0.0), so
 * it is given a fetch of ours, which fails with what the server said before the SDK sees it.
 */
export class ControlPlane {
  readonly #http: Http;
  readonly #url: string;
  readonly #apiKey: Secret;

  constructor(http: Http, url: string, apiKey: Secret) {
    this.#http = http;
    this.#url = url;
    this.#apiKey = apiKey;
  }

  async list(call: Call): Promise<IndexModel[]> {
    const { indexes } = await this.#run(call, pinecone => pinecone.listIndexes());
    return indexes ?? [];
  }

  /** Throws `not_found`. */
  async describe(name: string, call: Call): Promise<IndexModel> {
    if (!INDEX_NAME.test(name)) throw missing(name);
    try {
      return await this.#run(call, pinecone => pinecone.describeIndex(name));
    } catch (error) {
      throw error instanceof HttpFailure && error.status === 404 ? missing(name) : error;
    }
  }

  /** Resolves when the index is ready. */
  async create(options: CreateOptions & { name: string }, call: Call): Promise<IndexModel> {
    await this.#run(call, pinecone => pinecone.createIndex(options));
    for (let wait = POLL_MS; ; wait = Math.min(wait * 2, MOST_POLL_MS)) {
      const model = await this.describe(options.name, call);
      if (model.status.ready) return model;
      if (/failed/i.test(model.status.state)) {
        throw new VdbError('unreachable', `Pinecone could not make index '${options.name}': ${model.status.state}`, {
          outcome: 'partially_applied',
          retryable: false,
          hint: 'Drop it, and make it again.',
        });
      }
      await pause(wait, call.signal);
    }
  }

  /** Resolves when the index is gone. Throws `not_found`. */
  async drop(name: string, call: Call): Promise<void> {
    await this.describe(name, call);
    await this.#run(call, pinecone => pinecone.deleteIndex(name));
    for (let wait = POLL_MS; ; wait = Math.min(wait * 2, MOST_POLL_MS)) {
      const gone = await this.describe(name, call).then(
        () => false,
        (error: unknown) => {
          if (error instanceof VdbError && error.code === 'not_found') return true;
          throw error;
        },
      );
      if (gone) return;
      await pause(wait, call.signal);
    }
  }

  async #run<T>(call: Call, work: (pinecone: Pinecone) => Promise<T>): Promise<T> {
    let failure: unknown;
    const fetchApi = async (input: unknown, init: RequestInit = {}): Promise<Response> => {
      try {
        const headers = Object.fromEntries(new Headers(init.headers));
        const body = typeof init.body === 'string' ? init.body : undefined;
        const answer = await this.#http.send(init.method ?? 'GET', String(input), headers, body, call.signal);
        return new Response(answer.body === '' ? null : answer.body, {
          status: answer.status,
          headers: { 'Content-Type': 'application/json' },
        });
      } catch (error) {
        failure = error;
        throw error;
      }
    };
    const pinecone = new Pinecone({
      apiKey: this.#apiKey.reveal(),
      controllerHostUrl: this.#url,
      maxRetries: 0,
      fetchApi: fetchApi as typeof fetch,
    });
    try {
      return await work(pinecone);
    } catch (error) {
      if (failure !== undefined) throw failure;
      if (error instanceof VdbError) throw error;
      throw new BadAnswer(error instanceof Error ? error.message : String(error));
    }
  }
}

function missing(name: string): VdbError {
  return new VdbError('not_found', `there is no index '${name}'`, { outcome: 'not_applied' });
}
