import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { connector } from '../../../src/connectors/neo4j/connector.ts';
import type { Options } from '../../../src/core/connector.ts';
import { databaseError } from '../../../src/core/databaseError.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { VdbError } from '../../../src/model/errors.ts';
import { newCall } from '../../contract/directSubject.ts';
import { makeCertificates } from '../../servers/certificates.ts';
import { describeServer } from '../../servers/server.ts';
import { open } from './server.ts';

const PASSWORD = 'quite-wrong-password';

let certificates: string;
beforeAll(async () => {
  certificates = await mkdtemp(join(tmpdir(), 'vdb-neo4j-tls-'));
  await makeCertificates(certificates);
});
afterAll(() => rm(certificates, { recursive: true }));

const servers: { server: Server; sockets: Set<Socket> }[] = [];
afterEach(async () => {
  for (const { server, sockets } of servers.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  }
});

/** A server that does this with each connection; its port. */
async function faulty(serve: (socket: Socket) => void, server: Server = createServer()): Promise<number> {
  const sockets = new Set<Socket>();
  servers.push({ server, sockets });
  server.on('connection', socket => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.on('secureConnection', serve);
  if (!('setSecureContext' in server)) server.on('connection', serve);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}

async function failure(options: Options, password = PASSWORD): Promise<VdbError> {
  const raw = await connector.connect(options, { password: new Secret(password) }, newCall()).then(
    database => database.close().then(() => expect.fail('it connected')),
    (error: unknown) => error,
  );
  const error = databaseError(raw, {
    connector,
    verb: 'connect',
    endpoint: connector.endpoint(options),
    secrets: [password],
  });
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(password);
  return error;
}

test('a port without a server is refused, a name that does not resolve is dns, by either scheme', async () => {
  for (const scheme of ['bolt', 'neo4j']) {
    expect(await failure({ url: `${scheme}://127.0.0.1:1` })).toMatchObject({
      code: 'unreachable',
      details: { reason: 'refused', outcome: 'not_applied' },
    });
    expect(await failure({ url: `${scheme}://nohost.invalid:7687` })).toMatchObject({
      code: 'unreachable',
      details: { reason: 'dns' },
    });
  }
});

test('a server that closes, or is none of Bolt, says so', async () => {
  const closing = await faulty(socket => socket.destroy());
  expect(await failure({ host: '127.0.0.1', port: closing })).toMatchObject({
    code: 'unreachable',
    details: { reason: 'reset' },
  });
  const redirecting = await faulty(socket =>
    socket.once('data', () => socket.end('HTTP/1.1 302 Found\r\nLocation: bolt://elsewhere/\r\n\r\n')),
  );
  expect(await failure({ host: '127.0.0.1', port: redirecting })).toMatchObject({
    code: 'protocol',
    details: { reason: 'bad_answer', hint: expect.stringContaining('7687') },
  });
  const old = await faulty(socket => socket.once('data', () => socket.write(Buffer.alloc(4))));
  expect(await failure({ host: '127.0.0.1', port: old })).toMatchObject({ code: 'protocol' });
});

test('a server that stays mute is left when the caller leaves', async () => {
  const mute = await faulty(() => undefined);
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 200);
  const began = performance.now();
  const call = { signal: abort.signal, deadlineMs: 1_000 };
  await expect(connector.connect({ host: '127.0.0.1', port: mute }, {}, call)).rejects.toBeDefined();
  expect(performance.now() - began).toBeLessThan(3_000);
});

test('TLS: a foreign authority, another name, and no TLS at all are told apart', async () => {
  const pem = (name: string) => readFileSync(join(certificates, name));
  const tls = createTlsServer({ key: pem('server.key'), cert: pem('server.crt') });
  tls.on('tlsClientError', () => undefined);
  const port = await faulty(socket => socket.destroy(), tls);
  expect(await failure({ url: `bolt+s://localhost:${port}` })).toMatchObject({
    code: 'unreachable',
    details: { reason: 'tls_untrusted', hint: expect.stringContaining('--ca') },
  });
  const foreign = { url: `bolt://localhost:${port}`, ca: join(certificates, 'foreign-ca.crt') };
  expect(await failure(foreign)).toMatchObject({ details: { reason: 'tls_untrusted' } });
  const trusted = { ca: join(certificates, 'ca.crt') };
  // The certificate is for localhost.
  expect(await failure({ url: `bolt://127.0.0.1:${port}`, ...trusted })).toMatchObject({
    details: { reason: 'tls_name' },
  });
  for (const options of [{ url: `bolt://localhost:${port}`, ...trusted }, { url: `bolt+ssc://127.0.0.1:${port}` }]) {
    // Trusted, so that the server is heard out: it closes.
    expect(await failure(options)).toMatchObject({ code: 'unreachable', details: { reason: 'reset' } });
  }
  const plain = await faulty(socket => socket.end());
  expect(await failure({ url: `bolt+s://127.0.0.1:${plain}` })).toMatchObject({
    code: 'unreachable',
    details: { reason: 'network', hint: expect.stringContaining('without +s') },
  });
});

describeServer('neo4j', access => {
  const { url, user = 'neo4j', password = '' } = access;

  test('a wrong password, a wrong user, none at all and a database that does not exist', async () => {
    expect(await failure({ url, user })).toMatchObject({ code: 'denied', details: { reason: 'auth' } });
    expect(await failure({ url, user: 'nobody' })).toMatchObject({ code: 'denied', details: { reason: 'auth' } });
    await expect(connector.connect({ url }, {}, newCall()).catch(connector.classify)).resolves.toMatchObject({
      code: 'denied',
      reason: 'auth',
    });
    await expect(
      connector.connect({ url }, { token: new Secret('token') }, newCall()).catch(connector.classify),
    ).resolves.toMatchObject({ code: 'denied' });
    expect(await failure({ url, user, database: 'nosuch' }, password)).toMatchObject({ code: 'not_found' });
  });

  test('repeated wrong passwords are a rate limit that names the wait', async () => {
    const system = await open(access, { database: 'system' });
    const run = async (statement: string) => {
      for await (const _ of system.native!(statement, {}, newCall()));
    };
    // A user that nobody else needs for the next five seconds.
    await run(`CREATE USER stormy IF NOT EXISTS SET PASSWORD 'the-right-one' CHANGE NOT REQUIRED`);
    try {
      const storm: VdbError[] = [];
      for (let i = 0; i < 6; i++) storm.push(await failure({ url, user: 'stormy' }));
      expect(storm[0]).toMatchObject({ code: 'denied', details: { reason: 'auth' } });
      expect(storm.at(-1)).toMatchObject({ code: 'busy', details: { reason: 'rate_limited', retryAfterMs: 5_000 } });
    } finally {
      await run('DROP USER stormy');
      await system.close();
    }
  });

  test('an aborted statement ends on the server, and the link goes on', async () => {
    const database = await open(access);
    const abort = new AbortController();
    const run = async (statement: string, signal: AbortSignal) => {
      const rows: string[] = [];
      for await (const row of database.native!(statement, {}, { signal, deadlineMs: 60_000 })) rows.push(row);
      return rows;
    };
    const slow = run(
      'UNWIND range(1, 1000000000) AS abortMe WITH abortMe WHERE abortMe < 0 RETURN count(*)',
      abort.signal,
    );
    setTimeout(() => abort.abort(), 300);
    await expect(slow).rejects.toMatchObject({ code: 'cancelled' });
    const left = `SHOW TRANSACTIONS YIELD currentQuery WHERE currentQuery CONTAINS 'RETURN count(*)' AND NOT currentQuery CONTAINS 'SHOW' RETURN count(*) AS n`;
    await expect.poll(() => run(left, new AbortController().signal), { timeout: 5_000 }).toEqual(['{"n":0}']);
    await database.close();
  });

  test('what a user writes wrongly is told from what the server cannot do', async () => {
    const database = await open(access);
    const code = (statement: string, params = {}) =>
      database.native!(statement, params, newCall())
        [Symbol.asyncIterator]()
        .next()
        .catch(error => error.code);
    expect(await code('MATCHX')).toBe('usage');
    expect(await code('RETURN $missing')).toBe('usage');
    expect(await code('CREATE DATABASE other')).toBe('unsupported');
    expect(await code('CALL no.such()')).toBe('unsupported');
    expect(await code('RETURN 1 / 0')).toBe('invalid');
    await database.close();
  });
});
