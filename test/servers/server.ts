import { describe, test } from 'vitest';
import { type Access, fromEnvironment, type ServerName, VARIABLES } from './access.ts';
import { noted } from './noted.ts';

/**
 * The real server to test against: the one the environment names (see access.ts), else the one that `npm run servers -- start` left running.
 * When there is none, `absent` says why; it throws instead when `VDB_TEST_REQUIRE` (names joined by commas, or `all`) requires it.
 */
export function server(name: ServerName): Access | { absent: string } {
  const given = fromEnvironment(name, process.env);
  if (given) return given;
  const started = noted(name);
  if (started?.lives) return started.access;
  const variable = Object.values(VARIABLES[name])[0];
  const absent = started
    ? `the ${name} server that was started has ended`
    : `no ${name} server runs and ${variable} is not set`;
  if (isRequired(name)) throw new Error(`VDB_TEST_REQUIRE names ${name}, but ${absent}`);
  return { absent };
}

/** Whether `VDB_TEST_REQUIRE` names it, so that no test of it may be skipped. */
export function isRequired(name: ServerName): boolean {
  const required = (process.env.VDB_TEST_REQUIRE ?? '').split(',').map(each => each.trim());
  return required.includes(name) || required.includes('all');
}

/** A `describe` against a real server, skipped with the reason when there is none. */
export function describeServer(name: ServerName, define: (server: Access) => void): void {
  const found = server(name);
  if ('absent' in found) {
    console.info(`skipped: ${found.absent}`);
    test.skip(`against a real ${name}: ${found.absent}`, () => undefined);
    return;
  }
  describe(`a real ${name}`, () => define(found));
}
