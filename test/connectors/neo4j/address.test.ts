import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientCertificateProvider } from 'neo4j-driver';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { neo4jAddress } from '../../../src/connectors/neo4j/address.ts';
import { connector } from '../../../src/connectors/neo4j/connector.ts';
import { manifest } from '../../../src/connectors/neo4j/manifest.ts';
import type { Options } from '../../../src/core/connector.ts';

let directory: string;
let pem: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vdb-neo4j-'));
  pem = join(directory, 'some.pem');
  writeFileSync(pem, '');
});
afterAll(() => rm(directory, { recursive: true }));

test.each<[Options, string, string]>([
  [{ host: 'db.example' }, 'bolt://db.example:7687', 'db.example:7687'],
  [{ host: '::1', port: 9 }, 'bolt://[::1]:9', '[::1]:9'],
  [{ url: 'neo4j+s://x.databases.neo4j.io' }, 'neo4j+s://x.databases.neo4j.io:7687', 'x.databases.neo4j.io:7687'],
  [{ url: 'bolt://me%40x@h:1/', database: 'films' }, 'bolt://h:1', 'h:1/films'],
  [{ url: 'neo4j://h?policy=eu' }, 'neo4j://h:7687?policy=eu', 'h:7687'],
])('%j is %s', (options, url, endpoint) => {
  expect(neo4jAddress(options).url).toBe(url);
  expect(connector.endpoint(options)).toBe(endpoint);
});

test('the user comes from the option, else from the url', () => {
  expect(neo4jAddress({ url: 'bolt://me%40x@h' }).user).toBe('me@x');
  expect(neo4jAddress({ url: 'bolt://me@h', user: 'you' }).user).toBe('you');
  expect(neo4jAddress({ host: 'h' }).user).toBe('neo4j');
  // A default of the option would hide the url's.
  expect(manifest.options.find(({ name }) => name === 'user')).not.toHaveProperty('default');
});

test('an authority, a client certificate and --insecure make TLS, and take it out of the scheme', () => {
  const ca = neo4jAddress({ url: 'bolt+ssc://h', ca: pem });
  expect(ca.url).toBe('bolt://h:7687');
  expect(ca.config).toMatchObject({
    encrypted: 'ENCRYPTION_ON',
    trust: 'TRUST_CUSTOM_CA_SIGNED_CERTIFICATES',
    trustedCertificates: [pem],
  });
  expect(neo4jAddress({ host: 'h', insecure: true }).config).toMatchObject({ trust: 'TRUST_ALL_CERTIFICATES' });
  expect(neo4jAddress({ host: 'h', cert: pem, key: pem }).config).toMatchObject({
    encrypted: 'ENCRYPTION_ON',
    trust: 'TRUST_SYSTEM_CA_SIGNED_CERTIFICATES',
  });
  expect(neo4jAddress({ url: 'neo4j+s://h', cert: pem, key: pem })).toMatchObject({ url: 'neo4j+s://h:7687' });
  // The driver asks a provider in each of these ways, and takes a plain certificate in the last one only.
  const ways: Options[] = [{ host: 'h' }, { url: 'bolt://h', ca: pem }, { url: 'bolt+s://h' }];
  for (const options of ways) {
    const { clientCertificate } = neo4jAddress({ ...options, cert: pem, key: pem }).config;
    expect((clientCertificate as ClientCertificateProvider).getClientCertificate()).toEqual({
      certfile: pem,
      keyfile: pem,
    });
  }
  expect(neo4jAddress({ host: 'h' }).config).toEqual({});
});

test('what names no server, or holds a password, is a usage error that does not repeat it', () => {
  for (const url of ['http://h', 'bolt://', 'h:7687', 'bolt://u:geheim@h', 'bolt://h/films', 'bolt://h?x=1']) {
    expect(() => neo4jAddress({ url })).toThrow(expect.objectContaining({ code: 'usage' }));
    expect(() => neo4jAddress({ url })).not.toThrow(/geheim/);
  }
  expect(() => neo4jAddress({})).toThrow(expect.objectContaining({ code: 'usage' }));
  expect(() => neo4jAddress({ host: 'h', ca: join(directory, 'none.pem') })).toThrow(
    expect.objectContaining({ code: 'not_found' }),
  );
});
