import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connector } from '../../../src/connectors/pgvector/connector.ts';
import { Secret } from '../../../src/core/secret.ts';
import { newCall } from './database.ts';
import { withServer } from './server.ts';

/** The bound of the pool, which is as many calls as one Database is given at once by default. */
const BOUND = 8;
const CALLS = 40;
/** A role of its own tells these connections from those of other tests. */
const ROLE = `vdb_pool_${process.pid}`;
const PASSWORD = 'of-the-pool';
/** Calls that take this lock shared wait while the observer has it. */
const LOCK = 1_000_000 + process.pid;

withServer(({ options, password }) => {
  let observer: pg.Client;

  beforeAll(async () => {
    const url = new URL(String(options.url));
    url.password = encodeURIComponent(password);
    observer = new pg.Client(url.href);
    await observer.connect();
    await observer.query(`create role ${ROLE} login password '${PASSWORD}'`);
  });
  afterAll(async () => {
    await observer.query(`drop role ${ROLE}`);
    await observer.end();
  });

  async function backends(): Promise<{ all: number; waiting: number }> {
    const { rows } = await observer.query(
      `select count(*)::int as all, (count(*) filter (where wait_event = 'advisory'))::int as waiting
       from pg_stat_activity where usename = '${ROLE}'`,
    );
    return rows[0];
  }

  test(`${CALLS} calls at once use ${BOUND} connections, and all finish`, async () => {
    const url = new URL(String(options.url));
    url.username = ROLE;
    const { user: _, ...others } = options;
    const secrets = { password: new Secret(PASSWORD) };
    const database = await connector.connect({ ...others, url: url.href }, secrets, newCall());
    const call = async (n: number): Promise<unknown[]> => {
      const rows: unknown[] = [];
      const statement = `select pg_advisory_xact_lock_shared(${LOCK})::text, ${n} as n`;
      for await (const row of database.native!(statement, {}, newCall())) rows.push(JSON.parse(row).n);
      return rows;
    };
    try {
      await observer.query(`select pg_advisory_lock(${LOCK})`);
      const calls = Promise.all(Array.from({ length: CALLS }, (_, n) => call(n)));
      // Should it fail before it is awaited, it is no unhandled rejection.
      calls.catch(() => undefined);
      await expect.poll(backends, { timeout: 15_000 }).toEqual({ all: BOUND, waiting: BOUND });
      await observer.query(`select pg_advisory_unlock(${LOCK})`);
      let most = 0;
      let done = false;
      const watching = (async () => {
        while (!done) most = Math.max(most, (await backends()).all);
      })();
      const results = await calls.finally(() => {
        done = true;
      });
      await watching;
      expect(results).toEqual(Array.from({ length: CALLS }, (_, n) => [n]));
      expect(most).toBeLessThanOrEqual(BOUND);
    } finally {
      await observer.query('select pg_advisory_unlock_all()');
      await database.close();
    }
    await expect.poll(backends).toEqual({ all: 0, waiting: 0 });
  });
});
