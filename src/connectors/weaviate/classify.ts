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
    hint: 'Check that Weaviate runs and that the port is its REST port, 8080 by default.',
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
const UNTRUSTED: Classified = {
  code: 'unreachable',
  reason: 'tls_untrusted',
  hint: 'Give the authority that signed it with --ca.',
};
const CLIENT_CERTIFICATE: Classified = {
  code: 'denied',
  reason: 'auth',
  hint: 'The server wants a client certificate: give one with --cert and --key.',
};
const KEY: Classified = { code: 'denied', reason: 'auth', hint: 'Check the API key.' };
const RIGHTS: Classified = { code: 'denied', reason: 'forbidden', hint: 'Use an API key with the right to do this.' };
const GRPC_HINT = 'Check that the gRPC port, 50051 by default, is reachable; --grpc-port names another.';

/** What an error of a socket, of TLS, of gRPC or an answer of the REST interface means. */
export function classify(error: unknown): Classified {
  if (error instanceof Failure) return ofAnswer(error);
  if (error instanceof SyntaxError) return badAnswer();
  const { code, details, errors } = error as { code?: unknown; details?: unknown; errors?: unknown[] };
  // A host with several addresses: an AggregateError, of which each part is one address.
  if (Array.isArray(errors) && errors.length > 0) return classify(errors[0]);
  if (typeof code === 'number' && typeof details === 'string') return ofGrpc(code, details);
  if (typeof code !== 'string') return { code: 'internal' };
  if (SOCKET[code] !== undefined) return { code: 'unreachable', ...SOCKET[code] };
  if (TLS_UNTRUSTED.has(code)) return UNTRUSTED;
  if (code === 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED') return CLIENT_CERTIFICATE;
  if (code === 'ETIMEDOUT') return { code: 'timeout' };
  if (/^ERR_(SSL|TLS)/.test(code)) {
    return { code: 'unreachable', reason: 'network', hint: 'Check whether the server speaks https on that port.' };
  }
  // HPE_*: llhttp could not read the answer.
  return code.startsWith('HPE_') ? badAnswer() : { code: 'internal' };
}

function badAnswer(): Classified {
  return { code: 'protocol', reason: 'bad_answer', hint: 'Check that the address is that of a Weaviate server.' };
}

function ofAnswer({ status, message, path, retryAfterMs }: Failure): Classified {
  const retry = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status >= 300 && status < 400) {
    return { code: 'protocol', reason: 'redirect', hint: 'Give the address that it redirects to, if you trust it.' };
  }
  switch (status) {
    case 400:
    case 422:
      return { outcome: 'not_applied', ...ofText(message) };
    case 401:
      return KEY;
    case 403:
      return RIGHTS;
    case 404:
      return path === '/v1/meta' ? badAnswer() : { code: 'not_found', outcome: 'not_applied' };
    case 408:
      return { code: 'timeout' };
    case 409:
      return { code: 'exists', outcome: 'not_applied' };
    case 413:
      return { code: 'invalid', reason: 'too_large', outcome: 'not_applied', hint: 'Send smaller batches.' };
    case 429:
      return { code: 'busy', reason: 'rate_limited', hint: 'Wait, or send fewer requests at once.', ...retry };
    case 502:
    case 503:
    case 504:
      return { code: 'busy', hint: 'The server is starting or overloaded; try again.', ...retry };
    default:
      if (status < 500) return badAnswer();
      return status === 500 && KNOWN.some(([pattern]) => pattern.test(message))
        ? ofText(message)
        : { code: 'unreachable', hint: 'The server failed; its log says why.', ...retry };
  }
}

/** Status codes of gRPC; the rest is in the text only. */
function ofGrpc(code: number, details: string): Classified {
  switch (code) {
    case 1:
      return { code: 'cancelled' };
    case 4:
      return { code: 'timeout' };
    case 5:
      return { code: 'not_found' };
    case 6:
      return { code: 'exists' };
    case 7:
      return RIGHTS;
    case 8:
      if (/larger than max/i.test(details)) {
        return { code: 'invalid', reason: 'too_large', outcome: 'not_applied', hint: 'Send smaller batches.' };
      }
      return { code: 'busy', reason: 'rate_limited', hint: 'Wait, or send fewer requests at once.' };
    case 12:
      return { code: 'unsupported', hint: 'Weaviate 1.27 or newer is needed.' };
    case 14:
      return unavailable(details);
    case 16:
      return KEY;
    default:
      return ofText(details);
  }
}

/** grpc-js 1.14 has the socket's error in the text of UNAVAILABLE. */
function unavailable(details: string): Classified {
  const socket = Object.keys(SOCKET).find(each => details.includes(each));
  if (socket !== undefined) return { code: 'unreachable', reason: SOCKET[socket]!.reason, hint: GRPC_HINT };
  if (/Name resolution failed/i.test(details)) return { code: 'unreachable', reason: 'dns', hint: GRPC_HINT };
  if (/self.signed|unable to (verify|get).*certificate/i.test(details)) return UNTRUSTED;
  if (/certificate has expired/i.test(details)) return { code: 'unreachable', reason: 'tls_expired', hint: GRPC_HINT };
  if (/does not match certificate/i.test(details)) return { code: 'unreachable', reason: 'tls_name', hint: GRPC_HINT };
  if (/HTTP status code: (3\d\d)/i.test(details)) return { code: 'protocol', reason: 'redirect', hint: GRPC_HINT };
  return { code: 'unreachable', reason: 'reset', hint: GRPC_HINT };
}

/** Weaviate 1.38 has no codes of its own; first match wins. */
const KNOWN: [RegExp, Classified][] = [
  [
    /vector lengths don't match|dimensions do not match|vector with length/i,
    { code: 'invalid', reason: 'dimension_mismatch' },
  ],
  [/could not find class|class .* (not found|doesn't exist)|collection .* not found/i, { code: 'not_found' }],
  [/tenant not found|tenant .* (not found|doesn't exist)/i, { code: 'not_found' }],
  [
    /tenant not active|tenant .* not active/i,
    { code: 'unsupported', hint: 'Activate the tenant in Weaviate first; vdb never does that by itself.' },
  ],
  [/already (exists|in use)|similarly spelled/i, { code: 'exists' }],
  [/unauthorized|unauthenticated|anonymous access/i, KEY],
  [/forbidden|insufficient permissions/i, RIGHTS],
  [
    /read-?only|disk usage/i,
    { code: 'io', reason: 'disk_full', hint: 'The server is read-only: see its disk and its log.' },
  ],
  [/not enough memory|memory pressure/i, { code: 'busy', hint: 'The server is short of memory; try again later.' }],
  [/context deadline exceeded/i, { code: 'timeout' }],
  [/shutting down|shut down/i, { code: 'busy', reason: 'stopping' }],
];

/** What the server says of one object, or of a request without a telling status. */
export function ofText(text: string): Classified {
  return KNOWN.find(([pattern]) => pattern.test(text))?.[1] ?? { code: 'invalid' };
}
