import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { connector } from '../../../src/connectors/qdrant/connector.ts';
import type { Call, Database, Options } from '../../../src/core/connector.ts';
import { databaseError } from '../../../src/core/databaseError.ts';
import { guard } from '../../../src/core/guard.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { VdbError } from '../../../src/model/errors.ts';
import { parseRecords } from '../../../src/model/recordLine.ts';
import { manyRecords, record } from '../../contract/records.ts';
import { noFaults } from '../../doubles/qdrant/faults.ts';
import { type QdrantDouble, startQdrant } from '../../doubles/qdrant/server.ts';
import { makeCertificates } from '../../servers/certificates.ts';
import { API_KEY, newCall, openDouble, READ_ONLY_KEY } from './subjects.ts';

const WANT = { vectors: true, metadata: true, document: true };
const REF = { collection: 'docs', partition: '' };

let opened: Awaited<ReturnType<typeof openDouble>>;
let double: QdrantDouble;
let database: Database;
beforeAll(async () => {
  opened = await openDouble();
  ({ double, database } = opened);
  await database.create(
    { name: 'docs', vectors: [{ name: '', kind: 'dense', dimension: 3, metric: 'euclidean', element: 'f32' }] },
    newCall(),
  );
  await database.upsert(REF, batchOf(manyRecords(50)), {}, newCall());
});
afterEach(() => {
  Object.assign(double.faults, noFaults());
});
afterAll(() => opened.close());

function batchOf(lines: string[]) {
  return parseRecords(lines, {}).batches[0]!;
}

async function connectFailure(options: Options, key = API_KEY, call: Call = newCall()): Promise<VdbError> {
  const secrets = { apiKey: new Secret(key) };
  const raw = await connector.connect(options, secrets, call).then(
    connected => connected.close().then(() => expect.fail('it connected')),
    (error: unknown) => error,
  );
  const error = databaseError(raw, { connector, verb: 'connect', endpoint: connector.endpoint(options) });
  for (const text of [API_KEY, READ_ONLY_KEY, 'quite-wrong'])
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(text);
  return error;
}

async function failure(work: Promise<unknown>): Promise<VdbError> {
  return work.then(
    () => expect.fail('it succeeded'),
    (error: unknown) => error as VdbError,
  );
}

test('a closed port, an unknown host and a port that speaks no TLS', async () => {
  expect(await connectFailure({ host: '127.0.0.1', port: 1 })).toMatchObject({
    code: 'unreachable',
    details: { reason: 'refused', hint: /6333/ },
  });
  expect(await connectFailure({ url: 'http://nohost.invalid:6333' })).toMatchObject({
    code: 'unreachable',
    details: { reason: 'dns' },
  });
  expect(await connectFailure({ url: double.url.replace('http:', 'https:') })).toMatchObject({
    code: 'unreachable',
    details: { reason: 'network' },
  });
});

test('keys: none, wrong, and one that may only read', async () => {
  expect(await connectFailure(opened.options, 'quite-wrong')).toMatchObject({
    code: 'denied',
    details: { reason: 'auth' },
  });
  const anonymous = await connector
    .connect(opened.options, {}, newCall())
    .catch((error: unknown) => connector.classify(error));
  expect(anonymous).toMatchObject({ code: 'denied', reason: 'auth' });
  const secrets = { apiKey: new Secret(READ_ONLY_KEY) };
  const reader = guard(await connector.connect(opened.options, secrets, newCall()), connector);
  expect((await reader.fetch(REF, ['r001'], WANT, newCall())).count).toBe(1);
  expect(await failure(reader.upsert(REF, batchOf([record('x')]), {}, newCall()))).toMatchObject({
    code: 'denied',
    details: { reason: 'forbidden', outcome: 'not_applied' },
  });
  await reader.close();
});

test('TLS: an own authority, a foreign one, another name, and no verification', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'vdb-qdrant-tls-'));
  await makeCertificates(directory);
  const [cert, key] = await Promise.all(['server.crt', 'server.key'].map(name => readFile(join(directory, name))));
  const secure = await startQdrant({ apiKey: API_KEY, tls: { cert: cert!, key: key! } });
  try {
    const ca = join(directory, 'ca.crt');
    expect(await connectFailure({ url: secure.url })).toMatchObject({
      code: 'unreachable',
      details: { reason: 'tls_untrusted', hint: /--ca/ },
    });
    expect(await connectFailure({ url: secure.url, ca: join(directory, 'foreign-ca.crt') })).toMatchObject({
      details: { reason: 'tls_untrusted' },
    });
    const byAddress = { url: secure.url.replace('localhost', '127.0.0.1'), ca };
    expect(await connectFailure(byAddress)).toMatchObject({ details: { reason: 'tls_name' } });
    expect(await connectFailure({ url: secure.url, ca: join(directory, 'none.crt') })).toMatchObject({
      code: 'not_found',
    });
    const reachable: Options[] = [
      { url: secure.url, ca },
      { url: secure.url, insecure: true },
      { host: 'localhost', port: secure.port, ca },
    ];
    for (const options of reachable) {
      const connected = await connector.connect(options, { apiKey: new Secret(API_KEY) }, newCall());
      expect(await connected.ping(newCall())).toEqual({ serverVersion: 'Qdrant 1.18.3' });
      await connected.close();
    }
  } finally {
    await secure.close();
    await rm(directory, { recursive: true, force: true });
  }
});

test('TLS: a client certificate where the server asks for one', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'vdb-qdrant-mtls-'));
  await makeCertificates(directory);
  const file = (name: string) => join(directory, name);
  const [cert, key, ca] = await Promise.all(['server.crt', 'server.key', 'ca.crt'].map(name => readFile(file(name))));
  const secure = await startQdrant({
    tls: { cert: cert!, key: key!, ca: ca!, requestCert: true, rejectUnauthorized: true },
  });
  try {
    const options = { url: secure.url, ca: file('ca.crt') };
    expect(await connectFailure(options)).toMatchObject({
      code: 'denied',
      details: { reason: 'auth', hint: /--cert/ },
    });
    const connected = await connector.connect(
      { ...options, cert: file('client.crt'), key: file('client.key') },
      {},
      newCall(),
    );
    await connected.close();
  } finally {
    await secure.close();
    await rm(directory, { recursive: true, force: true });
  }
});

test('a redirect is refused, and the key is not sent to where it leads', async () => {
  const elsewhere = await startQdrant();
  double.faults.redirectTo = `${elsewhere.url}/collections`;
  expect(await connectFailure(opened.options)).toMatchObject({ code: 'protocol', details: { reason: 'redirect' } });
  expect(elsewhere.log).toEqual([]);
  await elsewhere.close();
});

test('a peer that is no Qdrant', async () => {
  const web = createServer((_, response) => response.end('<html>welcome</html>'));
  await new Promise<void>(resolve => web.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  expect(await connectFailure({ url })).toMatchObject({ code: 'protocol', details: { reason: 'bad_answer' } });
  web.close();
  web.closeAllConnections();
  expect(await connectFailure({ url: `${double.url}/not/here` })).toMatchObject({
    code: 'protocol',
    details: { reason: 'bad_answer' },
  });
});

test('a server that never answers is left when the call ends, and the next call goes on', async () => {
  double.faults.stalled = 1;
  const abort = new AbortController();
  const work = failure(database.ping(newCall(abort.signal)));
  setTimeout(() => abort.abort(new DOMException('late', 'TimeoutError')), 100);
  const began = performance.now();
  expect(await work).toMatchObject({ code: 'timeout', details: { outcome: 'not_applied' } });
  expect(performance.now() - began).toBeLessThan(2_000);
  expect(await database.ping(newCall())).toEqual({ serverVersion: 'Qdrant 1.18.3' });
});

test('429 says how long to wait, in seconds or until a date', async () => {
  double.faults.rateLimited = 1;
  double.faults.retryAfter = '12';
  expect(await failure(database.ping(newCall()))).toMatchObject({
    code: 'busy',
    details: { reason: 'rate_limited', retryAfterMs: 12_000, outcome: 'not_applied' },
  });
  double.faults.rateLimited = 1;
  double.faults.retryAfter = new Date(Date.now() + 30_000).toUTCString();
  const { retryAfterMs } = (await failure(database.ping(newCall()))).details;
  expect(retryAfterMs).toBeGreaterThan(25_000);
  expect(retryAfterMs).toBeLessThan(31_000);
});

test.each([
  [500, 'unreachable', true],
  [503, 'busy', true],
  [507, 'io', true],
  [413, 'invalid', false],
  [422, 'invalid', false],
])('status %i is %s', async (errorStatus, code, retryable) => {
  Object.assign(double.faults, { errorEvery: 1, errorStatus });
  const error = await failure(database.ping(newCall()));
  expect([error.code, error.retryable]).toEqual([code, retryable]);
  expect(error.details.hint ?? 'none.').toMatch(/\.$/);
});

test('an answer that is cut, by a reset or within its JSON, is never taken for a whole one', async () => {
  const scan = async () => {
    let count = 0;
    for await (const { batch } of database.scan!(
      REF,
      { want: WANT, batchBytes: 1 << 20, batchRecords: 1000 },
      newCall(),
    ))
      count += batch.count;
    return count;
  };
  expect(await scan()).toBe(50);
  Object.assign(double.faults, { resets: 1, resetAfterBytes: 500 });
  expect(await failure(scan())).toMatchObject({ code: 'unreachable', details: { reason: 'reset' } });
  await database.fetch(REF, ['r001'], WANT, newCall());
  double.faults.truncated = 1;
  expect(await failure(scan())).toMatchObject({ code: 'protocol', details: { reason: 'bad_answer' } });
  await database.fetch(REF, ['r001'], WANT, newCall());
  double.faults.truncated = 1;
  expect(await failure(database.count!(REF, { exact: true }, newCall()))).toMatchObject({ code: 'protocol' });
  expect(await scan()).toBe(50);
});

test('a batch that was refused may be half applied, and says so', async () => {
  await database.clear!(REF, newCall());
  const batch = batchOf(Array.from({ length: 10 }, (_, i) => record(BigInt(i))));
  double.faults.halfApplied = 1;
  expect(await failure(database.upsert(REF, batch, {}, newCall()))).toMatchObject({
    code: 'invalid',
    details: { outcome: 'partially_applied' },
  });
  expect((await database.count!(REF, { exact: true }, newCall())).count).toBe(5);
  await database.upsert(REF, batch, {}, newCall());
  expect((await database.count!(REF, { exact: true }, newCall())).count).toBe(10);
});

test('reads that lag behind miss what was written, until they catch up', async () => {
  const { count } = await database.count!(REF, { exact: true }, newCall());
  double.store.staleReads(true);
  await database.upsert(REF, batchOf([record(500n)]), {}, newCall());
  expect((await database.count!(REF, { exact: true }, newCall())).count).toBe(count);
  double.store.staleReads(false);
  expect((await database.count!(REF, { exact: true }, newCall())).count).toBe(count + 1);
});

test('a component beyond float32, which Qdrant takes for infinity, is read as a bad answer and never written', async () => {
  const path = `${double.url}/collections/docs/points?wait=true`;
  await fetch(path, {
    method: 'PUT',
    headers: { 'api-key': API_KEY },
    body: '{"points":[{"id":77,"vector":[1,2,1e39]}]}',
  });
  expect(await failure(database.fetch(REF, [77n], WANT, newCall()))).toMatchObject({
    code: 'protocol',
    details: { reason: 'bad_answer' },
  });
  await database.remove(REF, [77n], newCall());
});

test('a collection made anew with another dimension is noticed', async () => {
  await database.fetch(REF, [1n], WANT, newCall());
  const request = (method: string, body?: string) =>
    fetch(`${double.url}/collections/docs`, { method, headers: { 'api-key': API_KEY }, ...(body && { body }) });
  await request('DELETE');
  await request('PUT', '{"vectors":{"size":2,"distance":"Dot"}}');
  await fetch(`${double.url}/collections/docs/points?wait=true`, {
    method: 'PUT',
    headers: { 'api-key': API_KEY },
    body: '{"points":[{"id":1,"vector":[1,2]}]}',
  });
  expect(await failure(database.fetch(REF, [1n], WANT, newCall()))).toMatchObject({ code: 'busy' });
  expect((await database.fetch(REF, [1n], WANT, newCall())).vectors[0]).toMatchObject({ dimension: 2 });
});
