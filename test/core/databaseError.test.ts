import { expect, test } from 'vitest';
import type { Classified, Connector } from '../../src/core/connector.ts';
import { databaseError } from '../../src/core/databaseError.ts';
import { type ErrorReason, VdbError } from '../../src/model/errors.ts';

function told(classified: Classified): VdbError {
  const connector = { classify: () => classified } as unknown as Connector;
  return databaseError(new Error('raw'), { connector, verb: 'connect', endpoint: 'h:1' });
}

const ofReason = (reason: ErrorReason) => told({ code: 'unreachable', reason });

test('what a connector has no hint for gets one for its reason; its own stands', () => {
  for (const reason of ['refused', 'dns', 'reset', 'network', 'tls_untrusted', 'tls_name', 'tls_expired'] as const)
    expect(ofReason(reason).details.hint).toMatch(/^[A-Z].*\.$/);
  expect(told({ code: 'busy', reason: 'rate_limited' }).details.hint).toContain('Wait');
  expect(told({ code: 'timeout' }).details.hint).toContain('--timeout');
  expect(told({ code: 'unreachable', reason: 'refused', hint: 'Start it.' }).details.hint).toBe('Start it.');
  expect(told({ code: 'not_found' }).details.hint).toContain('collection list');
  const connector = {} as Connector;
  const own = databaseError(new VdbError('protocol', 'no', { reason: 'redirect' }), { connector, verb: 'ping' });
  expect(own.details.hint).toContain('redirects');
});

test('what cannot be reached may be tried again, a certificate that is wrong included: it may have been renewed', () => {
  for (const reason of ['tls_untrusted', 'tls_name', 'tls_expired', 'refused', 'dns', 'reset', 'network'] as const)
    expect(ofReason(reason).retryable).toBe(true);
});
