import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { connector } from '../../../src/connectors/pgvector/connector.ts';
import { manifest } from '../../../src/connectors/pgvector/manifest.ts';
import { pgAddress, tlsOptions } from '../../../src/connectors/pgvector/pgAddress.ts';

const directory = mkdtempSync(join(tmpdir(), 'vdb-pem-'));
const ca = join(directory, 'ca.pem');
writeFileSync(ca, 'PEM');
afterAll(() => rmSync(directory, { recursive: true }));

test('an address comes from a url, from options, or from both', () => {
  expect(pgAddress({ url: 'postgres://me%40x@db.example:6543/app?sslmode=require' })).toEqual({
    host: 'db.example',
    port: 6543,
    user: 'me@x',
    database: 'app',
    sslmode: 'require',
    insecure: false,
  });
  expect(pgAddress({ host: 'h', port: 1, user: 'u' })).toMatchObject({ host: 'h', port: 1, database: 'u' });
  expect(pgAddress({ url: 'postgresql://[::1]/x', user: 'u', ca })).toMatchObject({
    host: '::1',
    port: 5432,
    user: 'u',
    sslmode: 'verify-full',
  });
  expect(connector.endpoint({ url: 'postgres://u@[::1]:5/d' })).toBe('[::1]:5/d');
});

test('no option has a default that would hide what the url says', () => {
  const inUrl = ['user', 'database', 'sslmode', 'host'];
  for (const option of manifest.options.filter(({ name }) => inUrl.includes(name)))
    expect(option).not.toHaveProperty('default');
});

test('a url with a password is refused without repeating it', () => {
  for (const url of ['postgres://u:hidden@h/d', 'postgres://h/d?password=hidden', 'http://u:hidden@h']) {
    expect(() => pgAddress({ url })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('hidden') }),
    );
    expect(() => pgAddress({ url })).toThrow(expect.objectContaining({ code: 'usage' }));
  }
  expect(() => pgAddress({ host: 'h', sslmode: 'on' })).toThrow("'on' is not an sslmode");
});

test('sslmode means what libpq means', () => {
  const tls = (options: Record<string, string | boolean>) => {
    const made = tlsOptions(pgAddress({ host: 'h', ...options }));
    return made && [made.rejectUnauthorized, made.checkServerIdentity !== undefined, made.ca];
  };
  expect(tls({ sslmode: 'disable' })).toBe(false);
  expect(tls({})).toEqual([false, false, undefined]);
  expect(tls({ sslmode: 'require' })).toEqual([false, false, undefined]);
  expect(tls({ sslmode: 'require', ca })).toEqual([true, true, 'PEM']);
  expect(tls({ sslmode: 'verify-ca', ca })).toEqual([true, true, 'PEM']);
  expect(tls({ sslmode: 'verify-full', ca })).toEqual([true, false, 'PEM']);
  expect(tls({ ca })).toEqual([true, false, 'PEM']);
  expect(tls({ sslmode: 'verify-full', insecure: true })).toEqual([false, false, undefined]);
  expect(() => tls({ ca: join(directory, 'none') })).toThrow('cannot be read');
});
