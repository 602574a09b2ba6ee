import neo4j from 'neo4j-driver';
import { expect, test } from 'vitest';
import { classify } from '../../../src/connectors/neo4j/classify.ts';

const raw = (code: string, message = 'x') => Object.assign(new Error(message), { code });

test.each([
  ['ClientError.Security.Unauthorized', 'denied', 'auth'],
  ['ClientError.Security.Forbidden', 'denied', 'forbidden'],
  ['ClientError.Security.SomethingNew', 'denied', 'auth'],
  ['ClientError.Database.DatabaseNotFound', 'not_found', undefined],
  ['ClientError.Schema.ConstraintValidationFailed', 'exists', undefined],
  ['ClientError.Schema.EquivalentSchemaRuleAlreadyExists', 'exists', undefined],
  ['ClientError.Statement.SyntaxError', 'usage', 'syntax'],
  ['ClientError.Statement.TypeError', 'invalid', undefined],
  ['ClientError.Statement.UnsupportedAdministrationCommand', 'unsupported', undefined],
  ['ClientError.Transaction.TransactionTimedOutClientConfiguration', 'timeout', undefined],
  ['TransientError.Transaction.DeadlockDetected', 'busy', 'locked'],
  ['TransientError.General.DatabaseUnavailable', 'unreachable', 'network'],
  ['TransientError.General.MemoryPoolOutOfMemoryError', 'invalid', 'too_large'],
  ['TransientError.Whatever.Else', 'busy', undefined],
  ['DatabaseError.General.UnknownError', 'protocol', 'bad_answer'],
])('Neo.%s is %s %s', (code, expected, reason) => {
  const { code: got, reason: why } = classify(raw(`Neo.${code}`));
  expect([got, why]).toEqual([expected, reason]);
});

test('too many wrong passwords lock the user for five seconds', () => {
  expect(classify(raw('Neo.ClientError.Security.AuthenticationRateLimit'))).toEqual({
    code: 'busy',
    reason: 'rate_limited',
    retryAfterMs: 5_000,
  });
});

test('errors of procedures are told apart by what they say', () => {
  const procedure = (text: string) => {
    const begin = 'Failed to invoke procedure `db.index.vector.queryNodes`: Caused by: java.lang.';
    return classify(raw('Neo.ClientError.Procedure.ProcedureCallFailed', begin + text));
  };
  const dimensions = 'IllegalArgumentException: Index query vector has 2 dimensions, but indexed vectors have 3.';
  expect(procedure(dimensions)).toMatchObject({ code: 'invalid', reason: 'dimension_mismatch' });
  expect(procedure('IllegalArgumentException: There is no such vector schema index: nope').code).toBe('not_found');
});

test('a server that cannot be reached is known by the text alone, also of the error within', () => {
  const caused = (text: string) => raw('ServiceUnavailable', `Failed to connect to server. … Caused by: ${text}`);
  expect(classify(caused('connect ECONNREFUSED 127.0.0.1:1'))).toEqual({
    code: 'unreachable',
    reason: 'refused',
    message: 'connect ECONNREFUSED 127.0.0.1:1',
  });
  expect(classify(caused('getaddrinfo ENOTFOUND nohost.invalid'))).toMatchObject({ reason: 'dns' });
  const routed = Object.assign(
    raw('ServiceUnavailable', 'Could not perform discovery. No routing servers available.'),
    {
      cause: raw('SessionExpired', 'Failed to connect to server. … Caused by: connect ECONNREFUSED 127.0.0.1:1'),
    },
  );
  expect(classify(routed)).toMatchObject({ code: 'unreachable', reason: 'refused' });
  expect(
    classify(raw('ServiceUnavailable', 'Could not perform discovery. No routing servers available.')).hint,
  ).toMatch(/bolt:\/\//);
});

test('an error of the driver is one by its code', () => {
  expect(classify(neo4j.int)).toEqual({ code: 'internal' });
  expect(classify(new TypeError('a bug'))).toEqual({ code: 'internal' });
  expect(classify(raw('ENOENT'))).toEqual({ code: 'internal' });
});
