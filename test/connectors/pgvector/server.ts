import { test } from 'vitest';
import type { Options, Secrets } from '../../../src/core/connector.ts';
import { Secret } from '../../../src/core/secret.ts';

const url = process.env.VDB_TEST_POSTGRES_URL;

/** The real server to test against (`postgres://user:password@host:port/database`), or why there is none. */
export const server: { options: Options; secrets: Secrets; password: string } | { skipped: string } =
  url === undefined ? { skipped: 'VDB_TEST_POSTGRES_URL is not set' } : parse(url);

function parse(text: string) {
  const address = new URL(text);
  const password = decodeURIComponent(address.password);
  address.password = '';
  return { options: { url: address.href }, secrets: { password: new Secret(password) }, password };
}

/** Runs `define` when there is a server; else says why not, and fails when the run requires one. */
export function withServer(define: (server: { options: Options; secrets: Secrets; password: string }) => void): void {
  if (!('skipped' in server)) {
    define(server);
    return;
  }
  const required = (process.env.VDB_TEST_REQUIRE ?? '').split(',').includes('postgres');
  if (required) throw new Error(`a PostgreSQL server is required, but ${server.skipped}`);
  test.skip(`against a real PostgreSQL: ${server.skipped}`, () => undefined);
}
