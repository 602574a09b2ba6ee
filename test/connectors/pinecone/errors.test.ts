import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import http, { type RequestListener, type Server } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connector } from '../../../src/connectors/pinecone/connector.ts';
import type { Options } from '../../../src/core/connector.ts';
import { databaseError } from '../../../src/core/databaseError.ts';
import { guard } from '../../../src/core/guard.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { VdbError } from '../../../src/model/errors.ts';
import { newCall, refOf } from '../../contract/directSubject.ts';
import { PineconeDouble } from '../../doubles/pinecone/pineconeDouble.ts';
import { makeCertificates } from '../../servers/certificates.ts';

const KEY = 'pcsk_secret-of-the-test';
let certificates: string;
const closers: (() => unknown)[] = [];

beforeAll(async () => {
  certificates = await mkdtemp(join(tmpdir(), 'vdb-pinecone-'));
  await makeCertificates(certificates);
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});
afterAll(() => rm(certificates, { recursive: true, force: true }));

/** What connecting fails with, as a caller of the guard sees it. */
async function failure(options: Options, key = KEY, signal = AbortSignal.timeout(10_000)): Promise<VdbError> {
  const error = await connector.connect(options, { apiKey: new Secret(key) }, { signal, deadlineMs: 10_000 }).then(
    database => {
      closers.push(() => database.close());
      return expect.fail('connected');
    },
    (thrown: unknown) => databaseError(thrown, { connector, verb: 'connect', secrets: [key] }),
  );
  expect(inspect(error, { depth: 9 })).not.toContain(key);
  return error;
}

async function listening(server: Server | https.Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const indexes: RequestListener = (_, response) => {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"indexes":[]}');
};

const pem = (name: string): Buffer => readFileSync(join(certificates, name));

describe('errors of the network', () => {
  test('a closed port and an unknown host', async () => {
    const probe = createServer();
    await new Promise<void>(resolve => probe.listen(0, '127.0.0.1', resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise(resolve => probe.close(resolve));
    const refused = await failure({ controllerUrl: `http://127.0.0.1:${port}` });
    expect(refused).toMatchObject({ code: 'unreachable', details: { reason: 'refused' } });
    const unknown = await failure({ controllerUrl: 'https://nohost.invalid' });
    expect(unknown).toMatchObject({ code: 'unreachable', details: { reason: 'dns', outcome: 'not_applied' } });
  });

  test('certificates: untrusted, of another name, trusted by a given authority, not looked at', async () => {
    const port = await listening(https.createServer({ key: pem('server.key'), cert: pem('server.crt') }, indexes));
    const ca = join(certificates, 'ca.crt');
    const untrusted = await failure({ controllerUrl: `https://localhost:${port}` });
    expect(untrusted).toMatchObject({ code: 'unreachable', details: { reason: 'tls_untrusted' } });
    expect(untrusted.details.hint).toContain('--ca');
    const named = await failure({ controllerUrl: `https://127.0.0.1:${port}`, ca });
    expect(named).toMatchObject({ code: 'unreachable', details: { reason: 'tls_name' } });
    for (const trust of [{ ca }, { insecure: true }] as Options[]) {
      const options = { controllerUrl: `https://localhost:${port}`, ...trust };
      const database = await connector.connect(options, { apiKey: new Secret(KEY) }, newCall());
      expect(await database.collections(newCall())).toEqual([]);
      await database.close();
    }
    expect(await failure({ controllerUrl: `https://localhost:${port}`, ca: '/no/such/file' })).toMatchObject({
      code: 'not_found',
    });
    const plain = await listening(http.createServer(indexes));
    expect(await failure({ controllerUrl: `https://127.0.0.1:${plain}` })).toMatchObject({ code: 'unreachable' });
  });

  test('a server that never answers is left when the caller leaves', async () => {
    const port = await listening(http.createServer(() => undefined));
    const started = performance.now();
    const signal = AbortSignal.timeout(100);
    await expect(
      connector.connect(
        { controllerUrl: `http://127.0.0.1:${port}` },
        { apiKey: new Secret(KEY) },
        { signal, deadlineMs: 100 },
      ),
    ).rejects.toThrow();
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  test('something else than Pinecone', async () => {
    const port = await listening(
      http.createServer((_, response) => {
        response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>hello</html>');
      }),
    );
    const error = await failure({ controllerUrl: `http://127.0.0.1:${port}` });
    expect(error).toMatchObject({ code: 'protocol', details: { reason: 'bad_answer' } });
  });
});

describe('the key', () => {
  test('goes to no other host by a redirect', async () => {
    const seen: string[] = [];
    const other = await listening(
      http.createServer((request, response) => {
        seen.push(JSON.stringify(request.headers));
        response.end('{}');
      }),
    );
    const port = await listening(
      http.createServer((request, response) => {
        response.writeHead(307, { Location: `http://127.0.0.1:${other}${request.url}` }).end();
      }),
    );
    const error = await failure({ controllerUrl: `http://127.0.0.1:${port}` });
    expect(error).toMatchObject({ code: 'protocol', details: { reason: 'redirect' } });
    expect(seen).toEqual([]);
  });

  test('goes nowhere without encryption, neither where a profile nor where an answer says so', async () => {
    const clear = await failure({ controllerUrl: 'http://pinecone.example.com' });
    expect(clear).toMatchObject({ code: 'usage' });
    const model = {
      name: 'docs',
      host: 'http://192.0.2.1:1',
      status: { ready: true, state: 'Ready' },
      deployment: { deployment_type: 'managed', cloud: 'aws', region: 'us-east-1' },
      schema: { fields: { _values: { type: 'dense_vector', dimension: 3, metric: 'cosine' } } },
    };
    const port = await listening(
      http.createServer((request, response) => {
        response
          .writeHead(200, { 'Content-Type': 'application/json' })
          .end(JSON.stringify(request.url === '/indexes' ? { indexes: [model] } : model));
      }),
    );
    const options = { controllerUrl: `http://127.0.0.1:${port}` };
    const database = guard(await connector.connect(options, { apiKey: new Secret(KEY) }, newCall()), connector);
    await expect(database.describe(refOf('docs'), newCall())).rejects.toThrow(/without encryption/);
    await database.close();
  });

  test('that is wrong, missing or no header is denied', async () => {
    const double = await new PineconeDouble().start();
    closers.push(() => double.close());
    const options = { controllerUrl: double.url };
    const wrong = await failure(options);
    expect(wrong).toMatchObject({ code: 'denied', details: { reason: 'auth', cause: 'Invalid API Key' } });
    expect(await failure(options, 'key\nwith a line')).toMatchObject({ code: 'denied', details: { reason: 'auth' } });
    await expect(connector.connect(options, {}, newCall())).rejects.toMatchObject({ code: 'denied' });
    expect(connector.endpoint({})).toBe('api.pinecone.io');
  });
});
