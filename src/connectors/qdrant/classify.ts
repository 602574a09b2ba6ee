import type { Classified } from '../../core/connector.ts';
import type { ErrorReason } from '../../model/errors.ts';
import { Failure } from './wire/failure.ts';

const TLS_UNTRUSTED = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_UNTRUSTED',
  'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
]);

const SOCKET: Record<string, { reason: ErrorReason; hint: string }> = {
  ECONNREFUSED: {
    reason: 'refused',
    hint: 'Check that Qdrant runs and that the port is its REST port, 6333 by default.',
  },
  ENOTFOUND: { reason: 'dns', hint: 'Check the spelling of the host name.' },
  EAI_AGAIN: { reason: 'dns', hint: 'Check the spelling of the host name and the network.' },
  ECONNRESET: { reason: 'reset', hint: 'Try again; if it stays so, check whether the server expects https.' },
  EPIPE: { reason: 'reset', hint: 'Try again.' },
  EHOSTUNREACH: { reason: 'network', hint: 'Check the network and the address.' },
  ENETUNREACH: { reason: 'network', hint: 'Check the network and the address.' },
  CERT_HAS_EXPIRED: { reason: 'tls_expired', hint: 'Renew the certificate of the server.' },
  CERT_NOT_YET_VALID: { reason: 'tls_expired', hint: 'Check the clock of this machine.' },
  ERR_TLS_CERT_ALTNAME_INVALID: { reason: 'tls_name', hint: 'Use the name that the certificate is for.' },
};

const CLIENT_CERTIFICATE: Classified = {
  code: 'denied',
  reason: 'auth',
  hint: 'The server wants a client certificate: give one with --cert and --key.',
};

/** What an error of the socket, of TLS or an answer of the server means. */
export function classify(error: unknown): Classified {
  if (error instanceof Failure) return ofAnswer(error);
  if (error instanceof SyntaxError) return badAnswer();
  const { code, errors } = error as { code?: unknown; errors?: unknown[] };
  // A host with several addresses: an AggregateError, of which each part is one address.
  if (Array.isArray(errors) && errors.length > 0) return classify(errors[0]);
  if (typeof code !== 'string') return { code: 'internal' };
  if (SOCKET[code] !== undefined) return { code: 'unreachable', ...SOCKET[code] };
  if (TLS_UNTRUSTED.has(code)) {
    return { code: 'unreachable', reason: 'tls_untrusted', hint: 'Give the authority that signed it with --ca.' };
  }
  if (code === 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED') return CLIENT_CERTIFICATE;
  if (code === 'ETIMEDOUT') return { code: 'timeout' };
  if (code === 'EPROTO' || /^ERR_(SSL|TLS)/.test(code)) {
    return {
      code: 'unreachable',
      reason: 'network',
      message: `no TLS connection could be agreed on (${code})`,
      hint: 'Check whether the server speaks https on that port.',
    };
  }
  // HPE_*: llhttp could not read the answer.
  if (code.startsWith('HPE_')) return badAnswer();
  return { code: 'internal' };
}

function badAnswer(): Classified {
  return { code: 'protocol', reason: 'bad_answer', hint: 'Check that the address is that of a Qdrant REST interface.' };
}

/** Status codes as Qdrant 1.18.3 gave them (test/doubles/qdrant/recorded). */
function ofAnswer({ status, message, path, retryAfterMs, outcome }: Failure): Classified {
  const known = { ...(outcome && { outcome }), ...(retryAfterMs !== undefined && { retryAfterMs }) };
  if (status >= 300 && status < 400) {
    return { code: 'protocol', reason: 'redirect', hint: 'Give the address that it redirects to, if you trust it.' };
  }
  switch (status) {
    case 400:
    case 422:
      return { ...refused(message), ...known };
    case 401:
      return { code: 'denied', reason: 'auth', hint: 'Check the API key.', ...known };
    case 403:
      return { code: 'denied', reason: 'forbidden', hint: 'Use an API key with the right to do this.', ...known };
    case 404:
      return message.startsWith('Not found')
        ? { code: 'not_found', ...known }
        : { ...badAnswer(), message: `${path} is unknown there` };
    case 408:
      return { code: 'timeout' };
    case 409:
      return { code: 'exists', ...known };
    case 413:
      return {
        code: 'invalid',
        reason: 'too_large',
        hint: 'Send smaller batches, or raise service.max_request_size_mb.',
        ...known,
      };
    case 429:
      return { code: 'busy', reason: 'rate_limited', hint: 'Wait, or send fewer requests at once.', ...known };
    case 507:
      return { code: 'io', reason: 'disk_full', hint: 'Free some space on the server or raise its quota.' };
    case 502:
    case 503:
    case 504:
      return { code: 'busy', hint: 'The server is starting or overloaded; try again.', ...known };
    default:
      if (status >= 500) return { code: 'unreachable', hint: 'The server failed; its log says why.', ...known };
      return badAnswer();
  }
}

function refused(message: string): Classified {
  if (/dimension error/i.test(message)) return { code: 'invalid', reason: 'dimension_mismatch' };
  if (/Index required but not found/i.test(message)) {
    return {
      code: 'unsupported',
      reason: 'filter',
      hint: 'Make a payload index for that field; the strict mode asks for it.',
    };
  }
  return { code: 'invalid' };
}
