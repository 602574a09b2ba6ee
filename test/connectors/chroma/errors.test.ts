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
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { connector } from '../../../src/connectors/chroma/connector.ts';
import type { Call, Options } from '../../../src/core/connector.ts';
import { databaseError } from '../../../src/core/databaseError.ts';
import { guard } from '../../../src/core/guard.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { VdbError } from '../../../src/model/errors.ts';
import type { RecordBatch } from '../../../src/model/record.ts';
import { newCall, refOf } from '../../contract/directSubject.ts';
import { makeCertificates } from '../../servers/certificates.ts';

const KEY = 'ck-geheim-0815';
const CHECKS = '{"max_batch_size":5461,"supports_base64_encoding":true}';
const COLLECTION =
  '{"id":"11111111-2222-4333-8444-555555555555","name":"docs","configuration_json":{"hnsw":{"space":"l2"}},"dimension":3,"metadata":null}';

let certificates: string;
const servers: Server[] = [];

beforeAll(async () => {
  certificates = await mkdtemp(join(tmpdir(), 'vdb-chroma-tls-'));
  await makeCertificates(certificates);
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});
afterAll(() => rm(certificates, { recursive: true, force: true }));

/** A server on a free port; answers as a Chroma with one collection does where `listener` says nothing. */
async function serve(listener: RequestListener, tls?: TlsOptions): Promise<number> {
  const whole: RequestListener = (request, response) => {
    listener(request, response);
    if (response.headersSent || response.destroyed || response.writableEnded) return;
    if (response.getHeader('x-stall')) return;
    const body = /pre-flight/.test(request.url!) ? CHECKS : /collections\/docs$/.test(request.url!) ? COLLECTION : '{}';
    request.resume().on('end', () => response.end(body));
  };
  const server = tls ? createHttps(tls, whole) : createHttp(whole);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function connect(options: Options, call: Call = newCall()) {
  try {
    const raw = await connector.connect(options, { apiKey: new Secret(KEY) }, call);
    return guard(raw, connector, { endpoint: connector.endpoint(options), secrets: [KEY] });
  } catch (raw) {
    throw databaseError(raw, { connector, verb: 'connect', endpoint: connector.endpoint(options), secrets: [KEY] });
  }
}

async function failure(work: Promise<unknown>): Promise<VdbError> {
  const error = await work.then(
    () => expect.fail('it succeeded'),
    (raw: unknown) => raw as VdbError,
  );
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(KEY);
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(btoa(KEY));
  return error;
}

const pem = (name: string) => readFileSync(join(certificates, name));

test('a port without a server is refused, a name that does not resolve is dns, each with a hint', async () => {
  expect(await failure(connect({ host: '127.0.0.1', port: 1 }))).toMatchObject({
    code: 'unreachable',
    details: { reason: 'refused', outcome: 'not_applied', hint: expect.stringMatching(/\.$/) },
  });
  expect(await failure(connect({ url: 'http://nohost.invalid:8000' }))).toMatchObject({
    code: 'unreachable',
    details: { reason: 'dns' },
  });
});

test('TLS: unknown authority, wrong name, no TLS, and all is well with --ca, --insecure and a client certificate', async () => {
  const port = await serve(() => undefined, { cert: pem('server.crt'), key: pem('server.key') });
  const ca = join(certificates, 'ca.crt');
  expect(await failure(connect({ url: `https://localhost:${port}` }))).toMatchObject({
    code: 'unreachable',
    details: { reason: 'tls_untrusted', hint: expect.stringContaining('--ca') },
  });
  expect(await failure(connect({ url: `https://127.0.0.1:${port}`, ca }))).toMatchObject({
    details: { reason: 'tls_name' },
  });
  expect(await failure(connect({ url: `http://127.0.0.1:${port}` }))).toMatchObject({ code: 'unreachable' });
  for (const options of [{ ca }, { insecure: true }] as Options[]) {
    await (await connect({ url: `https://localhost:${port}`, ...options })).close();
    await (await connect({ host: 'localhost', port, ...options })).close();
  }
  const mutual = { cert: pem('server.crt'), key: pem('server.key'), ca: pem('ca.crt'), requestCert: true };
  const strict = await serve(() => undefined, { ...mutual, rejectUnauthorized: true });
  expect(await failure(connect({ url: `https://localhost:${strict}`, ca }))).toMatchObject({
    code: 'denied',
    details: { reason: 'auth', hint: expect.stringContaining('--cert') },
  });
  const client = { cert: join(certificates, 'client.crt'), key: join(certificates, 'client.key') };
  await (await connect({ url: `https://localhost:${strict}`, ca, ...client })).close();
  const plain = await serve(() => undefined);
  expect(await failure(connect({ url: `https://127.0.0.1:${plain}` }))).toMatchObject({
    code: 'unreachable',
    details: { hint: expect.stringContaining('http://') },
  });
});

test.each([
  ['token', 'x-chroma-token', KEY],
  ['bearer', 'authorization', `Bearer ${KEY}`],
  ['basic', 'authorization', `Basic ${btoa(KEY)}`],
])('the key is sent by --auth %s', async (auth, header, value) => {
  const seen: unknown[] = [];
  const port = await serve(request => seen.push(request.headers[header]));
  await (await connect({ host: '127.0.0.1', port, auth })).close();
  expect(seen).toEqual([value, value]);
});

test('a redirect is not followed, and the key goes nowhere else', async () => {
  let asked = 0;
  const other = await serve(() => {
    asked++;
  });
  const port = await serve((_, response) => {
    response.writeHead(307, { location: `http://127.0.0.1:${other}/api/v2/pre-flight-checks` }).end();
  });
  expect(await failure(connect({ host: '127.0.0.1', port }))).toMatchObject({
    code: 'protocol',
    details: { reason: 'redirect' },
  });
  expect(asked).toBe(0);
});

test.each([
  [401, '', 'denied', 'auth'],
  [403, '{"error":"ForbiddenError","message":"no"}', 'denied', 'forbidden'],
  [404, 'Not Found', 'protocol', 'bad_answer'],
  [410, '{"error":"Unimplemented","message":"The v1 API is deprecated"}', 'unsupported', undefined],
  [413, 'Payload too large', 'invalid', 'too_large'],
  [500, '{"error":"InternalError","message":"oops"}', 'unreachable', undefined],
  [502, '<html>', 'busy', undefined],
  [503, '', 'busy', undefined],
  [504, '', 'busy', undefined],
])('%i %s is %s %s', async (status, body, code, reason) => {
  const port = await serve((_, response) => response.writeHead(status).end(body));
  const error = await failure(connect({ host: '127.0.0.1', port }));
  expect([error.code, error.details.reason]).toEqual([code, reason]);
});

test('429 carries how long to wait, in seconds or as a date', async () => {
  let header = '12';
  const port = await serve((_, response) => response.writeHead(429, { 'retry-after': header }).end('slow down'));
  expect(await failure(connect({ host: '127.0.0.1', port }))).toMatchObject({
    code: 'busy',
    details: { reason: 'rate_limited', retryAfterMs: 12_000 },
  });
  header = new Date(Date.now() + 30_000).toUTCString();
  const { retryAfterMs } = (await failure(connect({ host: '127.0.0.1', port }))).details;
  expect(retryAfterMs).toBeGreaterThan(25_000);
  expect(retryAfterMs).toBeLessThanOrEqual(30_000);
});

test('a missing database or tenant is not found, by name', async () => {
  const missing = '{"error":"NotFoundError","message":"Database [nope] not found. Are you sure it exists?"}';
  const port = await serve((request, response) => {
    if (request.url!.includes('/databases/nope')) response.writeHead(404).end(missing);
  });
  const error = await failure(connect({ host: '127.0.0.1', port, database: 'nope' }));
  expect(error).toMatchObject({ code: 'not_found', details: { hint: expect.stringContaining('--database') } });
  expect(error.message).toContain("'nope'");
});

test('what is no Chroma is a bad answer', async () => {
  for (const body of ['<html>', '[]x', '"text"', 'null']) {
    const port = await serve((_, response) => response.end(body));
    const error = await failure(connect({ host: '127.0.0.1', port }));
    expect([error.code, error.details.reason], body).toEqual(['protocol', 'bad_answer']);
  }
});

test('an answer that ends too early, or is cut in its JSON, is no answer', async () => {
  let how = 'reset';
  const port = await serve((request, response) => {
    if (!request.url!.endsWith('/get')) return;
    if (how === 'json') return void response.end('{"ids":["a"],"embeddings":[[1.0,2.');
    response.writeHead(200, { 'content-length': '1000' });
    response.write('{"ids":["a"],');
    setTimeout(() => response.destroy(), 20);
  });
  const database = await connect({ host: '127.0.0.1', port });
  const want = { vectors: true, metadata: true, document: true };
  const cut = () => failure(database.fetch(refOf('docs'), ['a'], want, newCall()));
  expect(await cut()).toMatchObject({ code: 'unreachable', details: { reason: 'reset' } });
  how = 'json';
  expect(await cut()).toMatchObject({ code: 'protocol', details: { reason: 'bad_answer' } });
  await database.close();
});

test('a server that stalls is left at the deadline, and a write is then unknown', async () => {
  let stalled = '/count';
  const port = await serve((request, response) => {
    if (request.url!.endsWith(stalled)) response.setHeader('x-stall', '1');
    else if (request.url!.endsWith('/count')) response.end('0');
    else if (request.url!.endsWith('/get')) response.end('{"ids":[]}');
  });
  const database = await connect({ host: '127.0.0.1', port });
  const call = (): Call => ({ signal: AbortSignal.timeout(150), deadlineMs: 150 });
  const read = await failure(database.count!(refOf('docs'), { exact: true }, call()));
  expect(read).toMatchObject({ code: 'timeout', details: { outcome: 'not_applied' } });
  stalled = '/add';
  const values = Float32Array.of(1, 2, 3);
  const batch: RecordBatch = {
    ...{ count: 1, partition: '', ids: ['a'], metadata: [undefined], bytes: 100 },
    vectors: [{ name: '', kind: 'dense', element: 'f32', dimension: 3, values }],
  };
  const write = await failure(database.upsert(refOf('docs'), batch, {}, call()));
  expect(write).toMatchObject({ code: 'timeout', details: { outcome: 'unknown' } });
  await database.close();
});

test('the url may hold a path, and holds no secret', async () => {
  const seen: string[] = [];
  const port = await serve(request => seen.push(request.url!));
  await (await connect({ url: `http://127.0.0.1:${port}/chroma/api/v2/`, tenant: 't 1', database: 'd/2' })).close();
  expect(seen).toEqual(['/chroma/api/v2/pre-flight-checks', '/chroma/api/v2/tenants/t%201/databases/d%2F2']);
  for (const url of ['ftp://x', 'not a url', `http://user:${KEY}@127.0.0.1`, `http://127.0.0.1/?key=${KEY}`]) {
    expect(() => connector.endpoint({ url })).toThrow(expect.objectContaining({ code: 'usage' }));
    expect(() => connector.endpoint({ url })).toThrow(expect.not.stringContaining(KEY));
  }
  expect(() => connector.endpoint({ url: 'http://x', insecure: true })).toThrow(/without TLS/);
  expect(connector.endpoint({ host: '::1' })).toBe('[::1]:8000/default_database');
  expect(connector.endpoint({ url: 'https://h.example/', tenant: 't', database: 'd' })).toBe('h.example/t/d');
});
