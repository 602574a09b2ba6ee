import { test } from 'vitest';
import type { Options, Secrets } from '../../../src/core/connector.ts';
import { Secret } from '../../../src/core/secret.ts';
import { server as found } from '../../servers/server.ts';

/** The real server to test against, as options and secrets of a profile, or why there is none. */
export const server: { options: Options; secrets: Secrets; password: string } | { skipped: string } = parse();

function parse() {
  const access = found('postgres');
  if ('absent' in access) return { skipped: access.absent };
  const address = new URL(access.url);
  const password = decodeURIComponent(address.password);
  address.password = '';
  return { options: { url: address.href }, secrets: { password: new Secret(password) }, password };
}

/** Runs `define` when there is a server; else says why not. */
export function withServer(define: (server: { options: Options; secrets: Secrets; password: string }) => void): void {
  if (!('skipped' in server)) {
    define(server);
    return;
  }
  test.skip(`against a real PostgreSQL: ${server.skipped}`, () => undefined);
}
