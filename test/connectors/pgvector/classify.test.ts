import { expect, test } from 'vitest';
import { classify } from '../../../src/connectors/pgvector/classify.ts';

const raw = (code: string | undefined, message = 'x') => Object.assign(new Error(message), { code });

test.each([
  ['ECONNREFUSED', 'unreachable', 'refused'],
  ['ENOTFOUND', 'unreachable', 'dns'],
  ['EAI_AGAIN', 'unreachable', 'dns'],
  ['ECONNRESET', 'unreachable', 'reset'],
  ['ETIMEDOUT', 'timeout', undefined],
  ['CERT_HAS_EXPIRED', 'unreachable', 'tls_expired'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'unreachable', 'tls_untrusted'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'unreachable', 'tls_name'],
  ['28P01', 'denied', 'auth'],
  ['28000', 'denied', 'auth'],
  ['42501', 'denied', 'forbidden'],
  ['3D000', 'not_found', undefined],
  ['42P01', 'not_found', undefined],
  ['42P07', 'exists', undefined],
  ['23505', 'exists', undefined],
  ['23502', 'invalid', undefined],
  ['22P02', 'invalid', undefined],
  ['42601', 'usage', 'syntax'],
  ['54000', 'invalid', 'too_large'],
  ['53300', 'busy', 'connection_limit'],
  ['40P01', 'busy', 'locked'],
  ['53100', 'io', 'disk_full'],
  ['57014', 'timeout', undefined],
  ['57P01', 'unreachable', 'reset'],
  ['57P03', 'unreachable', 'reset'],
  ['08006', 'unreachable', 'network'],
])('%s is %s %s', (code, expected, reason) => {
  const { code: got, reason: why } = classify(raw(code));
  expect([got, why]).toEqual([expected, reason]);
});

test('a wrong dimension is told from other bad vectors', () => {
  expect(classify(raw('22000', 'expected 3 dimensions, not 2')).reason).toBe('dimension_mismatch');
  expect(classify(raw('22000', 'NaN not allowed in vector')).reason).toBeUndefined();
});

test('what the driver throws without a code', () => {
  expect(classify(raw(undefined, 'Connection terminated unexpectedly'))).toMatchObject({ code: 'unreachable' });
  expect(classify(raw(undefined, 'timeout expired'))).toMatchObject({ code: 'timeout', outcome: 'not_applied' });
  expect(classify(Object.assign(new Error(), { errors: [raw('ECONNREFUSED')] }))).toMatchObject({ reason: 'refused' });
  expect(classify(new TypeError('a bug'))).toEqual({ code: 'internal' });
});
