import { readdirSync, realpathSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Call } from '../../core/connector.ts';
import { makeDirectory } from '../../core/files/makeDirectory.ts';
import { VdbError } from '../../model/errors.ts';
import { lockDirectory } from './directoryLock.ts';
import type { PgliteFailure, PgliteReply, PgliteRequest } from './pgliteWorker.ts';
import { type SqlLink, type SqlResult, type SqlStep, type SqlValue, UnexpectedCount } from './sqlLink.ts';

type Body = PgliteRequest extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * An embedded PostgreSQL (PGlite) in a directory, in a worker thread. The directory belongs to this process until `close`.
 * A statement cannot be cancelled (PGlite 0.5): an aborted call stops waiting, and what follows waits for its end.
 */
export class PgliteLink implements SqlLink {
  readonly exclusive = true;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;
  #ended: Error | undefined;

  private constructor(worker: Worker, release: () => void) {
    this.#worker = worker;
    worker.on('message', (reply: PgliteReply) => this.#settle(reply));
    worker.on('error', error => this.#end(failed(error as unknown as PgliteFailure)));
    worker.on('exit', () => {
      this.#end(new VdbError('unreachable', 'the embedded database has ended', { reason: 'reset' }));
      release();
    });
  }

  /** Opens the database in `path`, which is made when it does not exist. Throws `busy` when another process has it. */
  static async open(path: string, call: Call): Promise<PgliteLink> {
    call.signal.throwIfAborted();
    const directory = dataDirectory(path);
    const lock = lockDirectory(directory);
    let worker: Worker;
    try {
      const file = import.meta.url.endsWith('.ts') ? './pgliteWorker.ts' : './pgliteWorker.js';
      worker = new Worker(new URL(file, import.meta.url), { workerData: { directory } });
    } catch (error) {
      lock.release();
      throw error;
    }
    const link = new PgliteLink(worker, lock.release);
    try {
      await link.#wait(0, call);
    } catch (error) {
      // As harmless as kill -9: what exists recovers, and what is being made is not in its place yet.
      await worker.terminate();
      throw error;
    }
    return link;
  }

  query(sql: string, values: SqlValue[], call: Call): Promise<SqlResult> {
    return this.#ask({ op: 'query', sql, values }, call) as Promise<SqlResult>;
  }

  transaction(steps: SqlStep[], call: Call): Promise<SqlResult[]> {
    return this.#ask({ op: 'transaction', steps }, call) as Promise<SqlResult[]>;
  }

  copyOut(sql: string, settings: string[], call: Call): Promise<Uint8Array> {
    return this.#ask({ op: 'copyOut', sql, settings }, call) as Promise<Uint8Array>;
  }

  async close(): Promise<void> {
    if (this.#ended !== undefined) return;
    const exited = new Promise<void>(done => this.#worker.once('exit', () => done()));
    const id = this.#next++;
    const closed = this.#wait(id, undefined);
    this.#worker.postMessage({ id, op: 'close' } satisfies PgliteRequest);
    await closed;
    await exited;
  }

  async #ask(body: Body, call: Call): Promise<unknown> {
    call.signal.throwIfAborted();
    if (this.#ended !== undefined) throw this.#ended;
    const id = this.#next++;
    const answer = this.#wait(id, call);
    const copies = body.op === 'transaction' ? body.steps.flatMap(step => step.copyIn?.buffer ?? []) : [];
    this.#worker.postMessage({ ...body, id }, copies);
    return answer;
  }

  #wait(id: number, call: Call | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const signal = call?.signal;
      const onAbort = () => {
        this.#waiting.delete(id);
        reject(signal!.reason);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.set(id, {
        resolve: value => {
          signal?.removeEventListener('abort', onAbort);
          resolve(value);
        },
        reject: error => {
          signal?.removeEventListener('abort', onAbort);
          reject(error);
        },
      });
    });
  }

  #settle(reply: PgliteReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (waiting === undefined) return;
    if ('failure' in reply) waiting.reject(failed(reply.failure));
    else waiting.resolve(reply.result);
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#ended);
    this.#waiting.clear();
  }
}

/** The canonical path of a directory that holds a database, or nothing yet. Throws `config`. */
function dataDirectory(path: string): string {
  makeDirectory(path);
  const directory = realpathSync(path);
  const entries = readdirSync(directory);
  if (entries.length === 0 || entries.includes('PG_VERSION')) return directory;
  throw new VdbError('config', `'${path}' is neither an embedded database nor an empty directory`, {
    outcome: 'not_applied',
    hint: 'Name a directory that does not exist yet, or one that vdb made.',
  });
}

function failed(failure: PgliteFailure): Error {
  if (failure.unexpectedCount !== undefined) return new UnexpectedCount(failure.unexpectedCount);
  return Object.assign(new Error(failure.message), { code: failure.code, detail: failure.detail });
}
