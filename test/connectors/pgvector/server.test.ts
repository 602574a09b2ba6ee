import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connector } from '../../../src/connectors/pgvector/connector.ts';
import { pgAddress } from '../../../src/connectors/pgvector/pgAddress.ts';
import { PgLink } from '../../../src/connectors/pgvector/pgLink.ts';
import type { Secrets } from '../../../src/core/connector.ts';
import { databaseError } from '../../../src/core/databaseError.ts';
import { Secret } from '../../../src/core/secret.ts';
import { newCall } from './database.ts';
import { withServer } from './server.ts';

async function failure(options: Record<string, string | number>, password?: string) {
  const secrets: Secrets = password === undefined ? {} : { password: new Secret(password) };
  const raw = await connector.connect(options, secrets, newCall()).then(
    database => database.close().then(() => expect.fail('it connected')),
    (error: unknown) => error,
  );
  return databaseError(raw, { connector, verb: 'connect', endpoint: connector.endpoint(options) });
}

test('a port without a server is refused, a name that does not resolve is dns', async () => {
  expect(await failure({ host: '127.0.0.1', port: 1 }, 'geheimnis')).toMatchObject({
    code: 'unreachable',
    details: { reason: 'refused', outcome: 'not_applied' },
  });
  expect(await failure({ host: 'no-such-host.invalid' })).toMatchObject({
    code: 'unreachable',
    details: { reason: 'dns' },
  });
});

withServer(({ options, secrets, password }) => {
  let link: PgLink;
  beforeAll(async () => {
    link = await PgLink.open(pgAddress(options), secrets.password, newCall());
  });
  afterAll(() => link.close());

  test('a wrong password, user and database say so, and no error holds the password', async () => {
    const wrong = await failure(options as never, 'quite-wrong-password');
    expect(wrong).toMatchObject({ code: 'denied', details: { reason: 'auth' } });
    const none = await failure(options as never);
    expect(none).toMatchObject({ code: 'denied', details: { reason: 'auth' } });
    const database = await failure({ ...options, database: 'no_such_database' } as never, password);
    expect(database).toMatchObject({ code: 'not_found' });
    for (const error of [wrong, none, database]) {
      const text = inspect(error, { depth: 9, showHidden: true });
      expect(text).not.toContain('quite-wrong-password');
      expect(text).not.toContain(`'${password}'`);
    }
  });

  test('an aborted statement is cancelled on the server, and the link goes on', async () => {
    const abort = new AbortController();
    const slow = link.query(`select pg_sleep(30), 'cancel-me'`, [], newCall(abort.signal));
    setTimeout(() => abort.abort(new Error('enough')), 100);
    const began = performance.now();
    await expect(slow).rejects.toThrow('enough');
    expect(performance.now() - began).toBeLessThan(3_000);
    const left = `select count(*) from pg_stat_activity where query like '%cancel-me%' and state = 'active' and pid <> pg_backend_pid()`;
    await expect.poll(async () => (await link.query(left, [], newCall())).rows).toEqual([['0']]);
  });

  test('a backend that is killed is unreachable, and the next call has another', async () => {
    const killed = link.query('select pg_terminate_backend(pg_backend_pid())', [], newCall());
    const error = await killed.catch((raw: unknown) => raw);
    expect(connector.classify(error)).toMatchObject({ code: 'unreachable', reason: 'reset' });
    expect((await link.query('select 1', [], newCall())).rows).toEqual([['1']]);
  });

  test('a server without TLS is refused when TLS is required', async () => {
    const [[ssl]] = (await link.query('show ssl', [], newCall())).rows as [[string]];
    const error = await PgLink.open(
      pgAddress({ ...options, sslmode: 'verify-full' }),
      secrets.password,
      newCall(),
    ).then(
      opened => opened.close(),
      (raw: unknown) => raw,
    );
    expect(connector.classify(error)).toMatchObject({
      code: 'unreachable',
      reason: ssl === 'on' ? 'tls_untrusted' : 'network',
    });
  });

  test('two writers of one id at once: text and integer never merge', async () => {
    const database = await connector.connect(options, secrets, newCall());
    const name = `clash_${process.pid}`;
    const ref = { collection: name, partition: '' };
    await database.create({ name, vectors: [] }, newCall());
    const batch = (id: string | bigint) => ({
      count: 1,
      partition: '',
      ids: [id],
      vectors: [],
      metadata: [undefined],
      bytes: 0,
    });
    const results = await Promise.allSettled(
      ['7', 7n, '7', 7n].map(id => database.upsert(ref, batch(id), {}, newCall())),
    );
    const bad = results.filter(each => each.status === 'rejected');
    expect(bad).toHaveLength(2);
    for (const { reason } of bad)
      expect(reason).toMatchObject({ code: 'invalid', details: { reason: 'duplicate_id' } });
    await expect(database.upsert(ref, batch(7n), { absent: true }, newCall())).rejects.toBeDefined();
    await database.drop(ref, newCall());
    await database.close();
  });
});
