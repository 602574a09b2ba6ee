import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';
import { inspect } from 'node:util';
import { Server as GrpcServer, ServerCredentials, type StatusObject } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { connector } from '../../../src/connectors/weaviate/connector.ts';
import type { Call, Options } from '../../../src/core/connector.ts';
import { databaseError } from '../../../src/core/databaseError.ts';
import { guard } from '../../../src/core/guard.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { VdbError } from '../../../src/model/errors.ts';
import { refOf } from '../../contract/directSubject.ts';
import { makeCertificates } from '../../servers/certificates.ts';
import { describeServer } from '../../servers/server.ts';
import { newCall, profileOf } from './server.ts';

const KEY = 'wk-geheim-0815';
const CLASS = {
  class: 'Docs',
  vectorIndexType: 'hnsw',
  vectorIndexConfig: { distance: 'cosine' },
  properties: [{ name: 'n', dataType: ['number'] }],
};

let certificates: string;
const servers: Server[] = [];
const grpcServers: GrpcServer[] = [];

beforeAll(async () => {
  certificates = await mkdtemp(join(tmpdir(), 'vdb-weaviate-tls-'));
  await makeCertificates(certificates);
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
  for (const server of grpcServers.splice(0)) server.forceShutdown();
});
afterAll(() => rm(certificates, { recursive: true, force: true }));

const pem = (name: string) => readFileSync(join(certificates, name));

/** The REST interface on a free port, with one class; `listener` may answer first. */
async function serve(listener: RequestListener, tls?: TlsOptions): Promise<number> {
  const whole: RequestListener = (request, response) => {
    listener(request, response);
    if (response.headersSent || response.writableEnded || response.getHeader('x-stall')) return;
    if (/meta$/.test(request.url!)) response.end('{"version":"1.38.11"}');
    else if (/schema\/Docs$/.test(request.url!)) response.end(JSON.stringify(CLASS));
    else response.writeHead(404).end();
  };
  const server = tls ? createHttps(tls, whole) : createHttp(whole);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

type Answer = Partial<StatusObject> | Buffer | 'never';

/** The gRPC interface on a free port; each method answers with bytes, a status, or never. */
async function serveGrpc(answer: (path: string, authorization: unknown) => Answer, tls = false): Promise<number> {
  const server = new GrpcServer();
  grpcServers.push(server);
  const method = (path: string) => ({
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: (bytes: Buffer) => bytes,
    requestDeserialize: (bytes: Buffer) => bytes,
    responseSerialize: (bytes: Buffer) => bytes,
    responseDeserialize: (bytes: Buffer) => bytes,
  });
  const paths = ['/grpc.health.v1.Health/Check'].concat(
    ['Search', 'BatchObjects', 'BatchDelete', 'Aggregate'].map(name => `/weaviate.v1.Weaviate/${name}`),
  );
  const handlers = paths.map(path => [
    path,
    (call: { metadata: { get(name: string): unknown } }, callback: (error: unknown, bytes?: Buffer) => void) => {
      const result = answer(path, call.metadata.get('authorization'));
      if (result === 'never') return;
      if (Buffer.isBuffer(result)) callback(null, result);
      else callback(result);
    },
  ]);
  server.addService(
    Object.fromEntries(paths.map(path => [path, method(path)])) as never,
    Object.fromEntries(handlers) as never,
  );
  const credentials = tls
    ? ServerCredentials.createSsl(null, [{ cert_chain: pem('server.crt'), private_key: pem('server.key') }])
    : ServerCredentials.createInsecure();
  return new Promise((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', credentials, (error, port) => (error ? reject(error) : resolve(port))),
  );
}

const SERVING = Buffer.from([8, 1]);
const healthy = (path: string): Buffer => (path.includes('Health') ? SERVING : Buffer.alloc(0));

async function connect(options: Options, call: Call = newCall(), key = KEY) {
  const place = { connector, endpoint: connector.endpoint(options), secrets: [key] };
  try {
    return guard(await connector.connect(options, { apiKey: new Secret(key) }, call), connector, place);
  } catch (raw) {
    throw databaseError(raw, { ...place, verb: 'connect' });
  }
}

async function failure(work: Promise<unknown>): Promise<VdbError> {
  const error = await work.then(
    () => expect.fail('it succeeded'),
    (raw: unknown) => raw as VdbError,
  );
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(KEY);
  expect(error.message).not.toMatch(/\.$/);
  return error;
}

test('a port without a server is refused, a name that does not resolve is dns, each with a hint', async () => {
  expect(await failure(connect({ host: '127.0.0.1', port: 1 }))).toMatchObject({
    code: 'unreachable',
    details: { reason: 'refused', outcome: 'not_applied', hint: expect.stringMatching(/\.$/) },
  });
  expect(await failure(connect({ url: 'http://nohost.invalid:8080' }))).toMatchObject({
    code: 'unreachable',
    details: { reason: 'dns', hint: expect.stringMatching(/\.$/) },
  });
});

test('a gRPC port that does not answer, or answers as something else, is named', async () => {
  const port = await serve(() => undefined);
  const refused = await failure(connect({ host: '127.0.0.1', port, grpcPort: 1 }));
  expect(refused).toMatchObject({ code: 'unreachable', details: { reason: 'refused' } });
  expect(refused.details.hint).toContain('--grpc-port');
  const other = await failure(connect({ host: '127.0.0.1', port, grpcPort: port }));
  expect(other).toMatchObject({ code: 'unreachable', details: { hint: expect.stringContaining('--grpc-port') } });
});

test('TLS: unknown authority, wrong name, and all is well with --ca and --insecure, on both interfaces', async () => {
  const port = await serve(() => undefined, { cert: pem('server.crt'), key: pem('server.key') });
  const grpcPort = await serveGrpc(healthy, true);
  const ca = join(certificates, 'ca.crt');
  const url = `https://localhost:${port}`;
  expect(await failure(connect({ url, grpcPort }))).toMatchObject({
    code: 'unreachable',
    details: { reason: 'tls_untrusted', hint: expect.stringContaining('--ca') },
  });
  expect(await failure(connect({ url: `https://127.0.0.1:${port}`, grpcPort, ca }))).toMatchObject({
    details: { reason: 'tls_name' },
  });
  expect(await failure(connect({ url: `http://127.0.0.1:${port}`, grpcPort }))).toMatchObject({ code: 'unreachable' });
  for (const options of [{ ca }, { insecure: true }] as Options[]) {
    await (await connect({ url, grpcPort, ...options })).close();
    await (await connect({ host: 'localhost', port, grpcPort, ...options })).close();
  }
  const strict = { cert: pem('server.crt'), key: pem('server.key'), ca: pem('ca.crt'), requestCert: true };
  const mutual = await serve(() => undefined, { ...strict, rejectUnauthorized: true });
  expect(await failure(connect({ url: `https://localhost:${mutual}`, grpcPort, ca }))).toMatchObject({
    code: 'denied',
    details: { reason: 'auth', hint: expect.stringContaining('--cert') },
  });
  const client = { cert: join(certificates, 'client.crt'), key: join(certificates, 'client.key') };
  await (await connect({ url: `https://localhost:${mutual}`, grpcPort, ca, ...client })).close();
  expect(await failure(connect({ url, grpcPort, ca: '/no/such/file' }))).toMatchObject({ code: 'not_found' });
});

test('the key goes to both interfaces, and a redirect is not followed', async () => {
  const seen: unknown[] = [];
  const port = await serve(request => seen.push(request.headers.authorization));
  const grpcPort = await serveGrpc((path, authorization) => {
    seen.push(...(authorization as string[]));
    return healthy(path);
  });
  await (await connect({ host: '127.0.0.1', port, grpcPort })).close();
  expect(seen).toEqual([`Bearer ${KEY}`, `Bearer ${KEY}`]);
  let asked = 0;
  const other = await serve(() => void asked++);
  const away = await serve((_, response) => {
    response.writeHead(307, { location: `http://127.0.0.1:${other}/v1/meta` }).end();
  });
  expect(await failure(connect({ host: '127.0.0.1', port: away, grpcPort }))).toMatchObject({
    code: 'protocol',
    details: { reason: 'redirect' },
  });
  expect(asked).toBe(0);
});

test.each([
  [401, '{"code":401,"message":"anonymous access not enabled"}', 'denied', 'auth'],
  [403, '{"error":[{"message":"rbac: forbidden"}]}', 'denied', 'forbidden'],
  [404, 'not here', 'protocol', 'bad_answer'],
  [413, 'too large', 'invalid', 'too_large'],
  [418, 'tea', 'protocol', 'bad_answer'],
  [500, 'oops', 'unreachable', undefined],
  [503, '', 'busy', undefined],
  [200, '<html>', 'protocol', 'bad_answer'],
  [200, '{"hello":1}', 'protocol', 'bad_answer'],
])('an answer %s %s is %s %s', async (status, body, code, reason) => {
  const port = await serve((_, response) => void response.writeHead(status).end(body));
  const error = await failure(connect({ host: '127.0.0.1', port }));
  expect([error.code, error.details.reason]).toEqual([code, reason]);
  expect(error.details.hint).toMatch(/\.$/);
});

test('a rate limit says how long to wait', async () => {
  const port = await serve((_, response) => void response.writeHead(429, { 'retry-after': '12' }).end('slow down'));
  expect(await failure(connect({ host: '127.0.0.1', port }))).toMatchObject({
    code: 'busy',
    details: { reason: 'rate_limited', retryAfterMs: 12_000 },
  });
});

test.each([
  [{ code: 16, details: 'unauthenticated' }, 'denied', 'auth'],
  [{ code: 7, details: 'no' }, 'denied', 'forbidden'],
  [{ code: 8, details: 'grpc: received message larger than max (5 vs. 4)' }, 'invalid', 'too_large'],
  [{ code: 8, details: 'too many requests' }, 'busy', 'rate_limited'],
  [{ code: 2, details: 'could not find class Docs in schema' }, 'not_found', undefined],
  [{ code: 2, details: "vector lengths don't match" }, 'invalid', 'dimension_mismatch'],
  [{ code: 2, details: 'tenant not found: "x"' }, 'not_found', undefined],
  [{ code: 2, details: 'store is read-only' }, 'io', 'disk_full'],
  [{ code: 2, details: 'who knows' }, 'invalid', undefined],
  [{ code: 12, details: 'unknown method' }, 'unsupported', undefined],
  [{ code: 14, details: 'gone' }, 'unreachable', 'reset'],
])('the gRPC status %o is %s %s', async (status, code, reason) => {
  const port = await serve(() => undefined);
  const grpcPort = await serveGrpc(path => (path.includes('Health') ? SERVING : status));
  const database = await connect({ host: '127.0.0.1', port, grpcPort });
  const error = await failure(database.count!(refOf('Docs'), { exact: true }, newCall()));
  expect([error.code, error.details.reason]).toEqual([code, reason]);
  await database.close();
});

test.each([
  [{ code: 2, details: 'could not find class Docs in schema' }, []],
  [{ code: 7, details: 'rbac: forbidden' }, [{ name: 'Docs', count: null }]],
])('a listed collection whose count fails with %o', async (status, expected) => {
  const port = await serve((request, response) => {
    if (/schema$/.test(request.url!)) response.end(JSON.stringify({ classes: [CLASS] }));
  });
  const grpcPort = await serveGrpc(path => (path.includes('Health') ? SERVING : status));
  const database = await connect({ host: '127.0.0.1', port, grpcPort });
  const listed = await database.collections(newCall());
  expect(listed.map(({ name, count }) => ({ name, count }))).toEqual(expected);
  await database.close();
});

test('objects that the server refuses are an error that says what was written', async () => {
  const port = await serve(() => undefined);
  // errors { index: 1, error: "…" }
  const error = Buffer.from('vector dimensions do not match');
  const entry = Buffer.concat([Buffer.from([8, 1, 18, error.length]), error]);
  const reply = Buffer.concat([Buffer.from([18, entry.length]), entry]);
  const grpcPort = await serveGrpc(path => (path.includes('BatchObjects') ? reply : healthy(path)));
  const database = await connect({ host: '127.0.0.1', port, grpcPort });
  const id = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
  const batch = {
    count: 2,
    partition: '',
    ids: [id(1), id(2)],
    vectors: [],
    metadata: ['{"n":1}', undefined],
    bytes: 0,
  };
  // A foreign class would get `_vdb_x` first: without whole numbers it needs none.
  batch.metadata[0] = '{"n":1.5}';
  const failed = await failure(database.upsert(refOf('Docs'), batch, { absent: true }, newCall()));
  expect(failed).toMatchObject({
    code: 'invalid',
    details: {
      reason: 'dimension_mismatch',
      outcome: 'partially_applied',
      cause: expect.stringContaining('dimensions'),
    },
  });
  expect(failed.message).toContain('1 of 2');
  expect(failed.message).toContain(id(2));
  await database.close();
});

test('a mute server is left when the caller leaves, on both interfaces', async () => {
  const mute = await serve((_, response) => void response.setHeader('x-stall', '1'));
  const signal = AbortSignal.timeout(200);
  const began = performance.now();
  expect(await failure(connect({ host: '127.0.0.1', port: mute }, newCall(signal)))).toMatchObject({
    code: expect.any(String),
  });
  const port = await serve(() => undefined);
  const grpcPort = await serveGrpc(path => (path.includes('Health') ? SERVING : 'never'));
  const database = await connect({ host: '127.0.0.1', port, grpcPort });
  const counting = database.count!(refOf('Docs'), { exact: true }, newCall(AbortSignal.timeout(200)));
  expect(await failure(counting)).toMatchObject({ code: 'timeout' });
  expect(performance.now() - began).toBeLessThan(3000);
  await database.close();
});

describeServer('weaviate', access => {
  test('a wrong key is denied, by either interface', async () => {
    const { options } = profileOf(access);
    expect(await failure(connect(options, newCall(), 'wrong-key'))).toMatchObject({
      code: 'denied',
      details: { reason: 'auth', hint: expect.stringContaining('key') },
    });
    const relay = await serve((_, response) => void response.end(JSON.stringify({ version: '1.38.11', ...CLASS })));
    const database = await connect(
      { host: '127.0.0.1', port: relay, grpcPort: access.grpcPort! },
      newCall(),
      'wrong-key',
    );
    expect(await failure(database.count!(refOf('Docs'), { exact: true }, newCall()))).toMatchObject({
      code: 'denied',
      details: { reason: 'auth' },
    });
    await database.close();
  });
});
