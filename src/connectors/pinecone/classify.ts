import type { Classified } from '../../core/connector.ts';
import type { ErrorReason } from '../../model/errors.ts';
import { BadAnswer, HttpFailure } from './wire/httpFailure.ts';

const SOCKET: Record<string, ErrorReason> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  EHOSTUNREACH: 'network',
  ENETUNREACH: 'network',
  // TLS spoken to a server that does not.
  EPROTO: 'network',
  CERT_HAS_EXPIRED: 'tls_expired',
  CERT_NOT_YET_VALID: 'tls_expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls_name',
};

const TLS_UNTRUSTED = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_UNTRUSTED',
]);

const HINTS: Partial<Record<ErrorReason, string>> = {
  refused: 'Check --controller-url.',
  dns: 'Check --controller-url and the network.',
  tls_untrusted: 'Give the authority that signed it with --ca.',
};

export function classify(error: unknown): Classified {
  if (error instanceof HttpFailure) {
    const classified = fromStatus(error);
    return error.partly ? { ...classified, outcome: 'partially_applied' } : classified;
  }
  if (error instanceof BadAnswer) return { code: 'protocol', reason: 'bad_answer' };
  const { code, errors, message = '' } = error as { code?: unknown; errors?: unknown[]; message?: string };
  // A host with several addresses: an AggregateError, of which each part is one address.
  if (code === undefined && Array.isArray(errors) && errors.length > 0) return classify(errors[0]);
  if (typeof code === 'string') {
    const reason = SOCKET[code] ?? (TLS_UNTRUSTED.has(code) ? 'tls_untrusted' : undefined);
    if (reason) return { code: 'unreachable', reason, ...(HINTS[reason] && { hint: HINTS[reason] }) };
    if (code === 'ETIMEDOUT') return { code: 'timeout' };
    if (code === 'ENOENT') return { code: 'not_found', hint: 'Check the path given with --ca.' };
    if (code === 'EACCES') return { code: 'denied', reason: 'forbidden', hint: 'Check the path given with --ca.' };
    if (/^ERR_(SSL|TLS|OSSL)/.test(code)) return { code: 'unreachable', reason: 'network' };
    if (/^HPE_/.test(code)) return { code: 'protocol', reason: 'bad_answer' };
  }
  // node:http gives no code to an answer that ends early.
  if (message === 'aborted' || message === 'socket hang up') return { code: 'unreachable', reason: 'reset' };
  return { code: 'internal' };
}

function fromStatus({ status, code, message, retryAfterMs }: HttpFailure): Classified {
  if (status >= 300 && status < 400) return { code: 'protocol', reason: 'redirect', outcome: 'not_applied' };
  const refused = { outcome: 'not_applied' } as const;
  switch (status) {
    case 400:
    case 412:
    case 422:
      // One code (3) for all that is wrong with a request.
      if (/dimension/i.test(message)) return { code: 'invalid', reason: 'dimension_mismatch', ...refused };
      if (/exceeds|too large|size limit|larger than/i.test(message))
        return { code: 'invalid', reason: 'too_large', ...refused };
      return { code: 'invalid', ...refused };
    case 401:
      return { code: 'denied', reason: 'auth', hint: 'Check the API key.', ...refused };
    case 402:
      return { code: 'denied', reason: 'forbidden', hint: 'Check the billing of the project.', ...refused };
    case 403:
      return { code: 'denied', reason: 'forbidden', hint: forbiddenHint(code, message), ...refused };
    case 404:
      return { code: 'not_found', ...refused };
    case 408:
      return { code: 'timeout' };
    case 409:
      return { code: 'exists', ...refused };
    case 413:
    case 431:
      return { code: 'invalid', reason: 'too_large', ...refused };
    case 429:
      return { code: 'busy', reason: 'rate_limited', ...(retryAfterMs !== undefined && { retryAfterMs }), ...refused };
    case 501:
      return { code: 'unsupported', ...refused };
  }
  if (status >= 502 && status <= 504) {
    return {
      code: 'busy',
      message: `HTTP ${status}: ${message}`,
      hint: 'Pinecone is overloaded for the moment; try again.',
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    };
  }
  if (status >= 500) {
    return {
      code: 'unreachable',
      message: `HTTP ${status}: ${message}`,
      hint: 'Pinecone failed for the moment: see status.pinecone.io.',
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    };
  }
  return { code: 'protocol', reason: 'bad_answer', message: `HTTP ${status}: ${message}` };
}

function forbiddenHint(code: string | undefined, message: string): string {
  if (code === 'QUOTA_EXCEEDED') return 'The plan allows no more: delete something, or upgrade it.';
  if (/deletion protection/i.test(message)) return 'Turn the deletion protection of the index off first.';
  return 'The API key lacks the right.';
}
