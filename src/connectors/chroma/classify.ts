import type { Classified } from '../../core/connector.ts';
import type { ErrorReason } from '../../model/errors.ts';
import { HttpFailure } from './httpFailure.ts';

const TLS_UNTRUSTED = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_UNTRUSTED',
]);

const SOCKET: Record<string, ErrorReason> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  EHOSTUNREACH: 'network',
  ENETUNREACH: 'network',
  CERT_HAS_EXPIRED: 'tls_expired',
  CERT_NOT_YET_VALID: 'tls_expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls_name',
};

const HINTS: Partial<Record<ErrorReason, string>> = {
  refused: 'Start the server, or check host and port.',
  dns: 'Check the host name.',
  tls_name: 'Connect by the name that the certificate is for.',
};

const CLIENT_CERTIFICATE: Classified = {
  code: 'denied',
  reason: 'auth',
  hint: 'The server wants a client certificate: give one with --cert and --key.',
};

/** What an answer of the server, or an error of the socket below, means. */
export function classify(error: unknown): Classified {
  if (error instanceof HttpFailure) return ofStatus(error);
  const { code, errors } = error as { code?: unknown; errors?: unknown[] };
  // A host with several addresses: an AggregateError, of which each part is one address.
  if (code === undefined && Array.isArray(errors) && errors.length > 0) return classify(errors[0]);
  if (typeof code !== 'string') return { code: 'internal' };
  const reason = SOCKET[code];
  if (reason !== undefined) {
    const hint = HINTS[reason];
    return { code: 'unreachable', reason, ...(hint !== undefined && { hint }) };
  }
  if (TLS_UNTRUSTED.has(code)) {
    return { code: 'unreachable', reason: 'tls_untrusted', hint: 'Give the authority that signed it with --ca.' };
  }
  if (code === 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED') return CLIENT_CERTIFICATE;
  if (code === 'ETIMEDOUT') return { code: 'timeout' };
  if (code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER') {
    return { code: 'unreachable', reason: 'network', hint: 'Nothing speaks TLS there: try http:// in the url.' };
  }
  if (/^ERR_(SSL|TLS|OSSL)/.test(code)) {
    return { code: 'unreachable', reason: 'network', hint: 'The TLS handshake failed: see --ca, --cert and --key.' };
  }
  if (code.startsWith('HPE_')) {
    return { code: 'protocol', reason: 'bad_answer', hint: 'What listens there does not speak HTTP; is it TLS?' };
  }
  return { code: 'internal' };
}

function ofStatus({ status, kind, message, retryAfterMs }: HttpFailure): Classified {
  if (status >= 300 && status < 400) {
    return { code: 'protocol', reason: 'redirect', hint: 'Use the address that the server itself has.' };
  }
  switch (status) {
    case 400:
    case 422:
      // Collection expecting embedding with dimension of 3, got 2
      if (/expecting embedding with dimension/.test(message)) return { code: 'invalid', reason: 'dimension_mismatch' };
      return { code: 'invalid' };
    case 401:
      return {
        code: 'denied',
        reason: 'auth',
        hint: 'Check the key, and how it is sent: --auth token, bearer or basic.',
      };
    case 403:
      return {
        code: 'denied',
        reason: 'forbidden',
        hint: 'The key lacks the right for this tenant, database or action.',
      };
    case 404:
      if (kind === 'NotFoundError') return { code: 'not_found' };
      return { code: 'protocol', reason: 'bad_answer', hint: 'No Chroma API v2 is at that address.' };
    case 408:
      return { code: 'timeout' };
    case 409:
      return { code: 'exists' };
    case 410:
      return { code: 'unsupported', hint: 'The server speaks another version of the API than v2.' };
    case 413:
      return {
        code: 'invalid',
        reason: 'too_large',
        outcome: 'not_applied',
        hint: 'Write smaller records or batches.',
      };
    case 429:
      return { code: 'busy', reason: 'rate_limited', ...(retryAfterMs !== undefined && { retryAfterMs }) };
    case 501:
      return { code: 'unsupported' };
    case 502:
    case 503:
    case 504:
      return {
        code: 'busy',
        hint: 'The server is starting or overloaded; try again.',
        ...(retryAfterMs !== undefined && { retryAfterMs }),
      };
    case 507:
      return { code: 'io', reason: 'disk_full' };
    default:
      if (status >= 500) return { code: 'unreachable', hint: 'The server failed; its log says why.' };
      return { code: 'protocol', reason: 'bad_answer', hint: 'See the log of the server.' };
  }
}
