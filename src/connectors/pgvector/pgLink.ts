import { finished } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { Call } from '../../core/connector.ts';
import type { Secret } from '../../core/secret.ts';
import { type PgAddress, tlsOptions } from './pgAddress.ts';
import { type SqlLink, type SqlResult, type SqlStep, type SqlValue, UnexpectedCount } from './sqlLink.ts';

/** As many calls as core has in flight on one Database. */
const CLIENTS = 8;
/** How long a cancelled statement may take to end before its socket is closed. */
const CANCEL_MS = 2_000;

const RAW = { getTypeParser: () => (value: string) => value } as unknown as pg.CustomTypesConfig;

/** A real PostgreSQL server, over a pool of connections. */
export class PgLink implements SqlLink {
  readonly exclusive = false;
  readonly #config: pg.PoolConfig;
  readonly #pool: pg.Pool;

  private constructor(config: pg.PoolConfig) {
    this.#config = config;
    const pool = new pg.Pool(config);
    this.#pool = pool;
    // An idle client that dies is dropped by the pool; without a listener its error would end the process.
    pool.on('error', () => undefined);
  }

  /** Opens a connection and proves it with one round trip. */
  static async open(address: PgAddress, password: Secret | undefined, call: Call): Promise<PgLink> {
    const { sslmode } = address;
    const tls = tlsOptions(address);
    const attempts = sslmode === 'prefer' ? [tls, false] : sslmode === 'allow' ? [false, tls] : [tls];
    let refusal: unknown;
    for (const ssl of attempts as (typeof tls)[]) {
      const link = new PgLink(poolConfig(address, ssl, password, call));
      try {
        await link.query('select 1', [], call);
        return link;
      } catch (error) {
        await link.close();
        refusal = error;
        if (call.signal.aborted || !mayTryOtherWay(error)) throw error;
      }
    }
    throw refusal;
  }

  async query(sql: string, values: SqlValue[], call: Call): Promise<SqlResult> {
    return this.#use(call, client => run(client, { sql, values }));
  }

  async transaction(steps: SqlStep[], call: Call): Promise<SqlResult[]> {
    return this.#use(call, async client => {
      // One statement is a transaction of its own.
      if (steps.length === 1 && steps[0]!.expectCount === undefined) return [await run(client, steps[0]!)];
      await client.query('begin');
      try {
        const results: SqlResult[] = [];
        for (const step of steps) results.push(await run(client, step));
        await client.query('commit');
        return results;
      } catch (error) {
        await client.query('rollback').catch(() => undefined);
        throw error;
      }
    });
  }

  async copyOut(sql: string, settings: string[], call: Call): Promise<Uint8Array> {
    return this.#use(call, async client => {
      if (settings.length > 0) {
        await client.query(`begin;${settings.map(setting => `set local ${setting}`).join(';')}`);
      }
      try {
        const stream = client.query(copyTo(sql));
        const chunks: Buffer[] = [];
        for await (const chunk of stream) chunks.push(chunk as Buffer);
        return Buffer.concat(chunks);
      } finally {
        if (settings.length > 0) await client.query('rollback').catch(() => undefined);
      }
    });
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  /** Lends a client; when the call is aborted, its statement is cancelled on the server. */
  async #use<T>(call: Call, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const { signal } = call;
    signal.throwIfAborted();
    const client = await this.#client(signal);
    let broken: Error | undefined;
    const onError = (error: Error) => {
      broken ??= error;
    };
    client.on('error', onError);
    let timer: NodeJS.Timeout | undefined;
    const onAbort = () => {
      timer = setTimeout(() => destroy(client), CANCEL_MS);
      this.#cancel(client).catch(() => destroy(client));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await work(client);
    } catch (error) {
      if (endsConnection(error)) broken ??= error as Error;
      // A commit may have come before the cancel; only a failed statement says that nothing was done.
      throw signal.aborted ? signal.reason : error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      client.removeListener('error', onError);
      // A cancel that is still on its way must not hit the next statement of this client.
      client.release(broken ?? signal.aborted);
    }
  }

  /** Waiting for a free client ends with the call. */
  async #client(signal: AbortSignal): Promise<pg.PoolClient> {
    const wanted = this.#pool.connect();
    const { promise, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([wanted, promise]);
    } catch (error) {
      wanted.then(
        client => client.release(),
        () => undefined,
      );
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async #cancel(client: pg.PoolClient): Promise<void> {
    const { processID } = client as unknown as { processID: number };
    const other = new pg.Client({ ...this.#config, connectionTimeoutMillis: CANCEL_MS });
    other.on('error', () => undefined);
    try {
      await other.connect();
      await other.query('select pg_cancel_backend($1)', [processID]);
    } finally {
      await other.end();
    }
  }
}

function poolConfig(
  address: PgAddress,
  ssl: ReturnType<typeof tlsOptions>,
  password: Secret | undefined,
  call: Call,
): pg.PoolConfig {
  return {
    host: address.host,
    port: address.port,
    user: address.user,
    database: address.database,
    ssl,
    max: CLIENTS,
    application_name: 'vdb',
    types: RAW,
    ...(Number.isFinite(call.deadlineMs) && { connectionTimeoutMillis: Math.max(1, Math.ceil(call.deadlineMs)) }),
    // A function, so that no dump of the pool's options holds the text; without one pg would look into PGPASSWORD.
    password: () => password?.reveal() ?? '',
  };
}

/** `prefer` and `allow` go on only when the server lacks TLS, or its pg_hba.conf has no entry for this way. */
function mayTryOtherWay(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  return code === '28000' || message === 'The server does not support SSL connections';
}

/** Anything but a statement that the server refused: the session behind it is over, or in an unknown state. */
function endsConnection(error: unknown): boolean {
  return !(error instanceof UnexpectedCount) && (error as { severity?: string }).severity !== 'ERROR';
}

async function run(client: pg.PoolClient, step: SqlStep): Promise<SqlResult> {
  let result: SqlResult;
  if (step.copyIn === undefined) {
    const answer = await client.query({ text: step.sql, values: step.values ?? [], rowMode: 'array', types: RAW });
    result = {
      columns: (answer.fields ?? []).map(field => ({ name: field.name, type: field.dataTypeID })),
      rows: (answer.rows ?? []) as (string | null)[][],
      count: answer.rowCount ?? 0,
    };
  } else {
    const stream = client.query(copyFrom(step.sql));
    stream.end(step.copyIn);
    await finished(stream);
    result = { columns: [], rows: [], count: stream.rowCount };
  }
  if (step.expectCount !== undefined && step.expectCount !== result.count) throw new UnexpectedCount(result.count);
  return result;
}

function destroy(client: pg.PoolClient): void {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}
