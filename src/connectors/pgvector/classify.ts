import type { Classified } from '../../core/connector.ts';
import type { ErrorReason } from '../../model/errors.ts';

const TLS_UNTRUSTED = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_UNTRUSTED',
  'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
]);

const SOCKET: Record<string, ErrorReason> = {
  ECONNREFUSED: 'refused',
  // The directory of a Unix socket exists, the socket does not.
  ENOENT: 'refused',
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

/** SQLSTATE (PostgreSQL 18, appendix A), by code, else by class. */
const STATES: Record<string, Classified> = {
  '28P01': { code: 'denied', reason: 'auth', hint: 'Check the user and the password.' },
  '28000': { code: 'denied', reason: 'auth', hint: 'The server has no rule in pg_hba.conf that lets this user in so.' },
  '42501': { code: 'denied', reason: 'forbidden' },
  '25006': { code: 'denied', reason: 'forbidden', hint: 'The server is read-only, such as a standby.' },
  '3D000': { code: 'not_found', hint: 'Name an existing database with --database.' },
  '3F000': { code: 'not_found' },
  '42P01': { code: 'not_found' },
  '42704': { code: 'unsupported', hint: 'The vector extension is missing: CREATE EXTENSION vector.' },
  '58P01': { code: 'unsupported', hint: 'Install pgvector on the server.' },
  '0A000': { code: 'unsupported' },
  '42P07': { code: 'exists' },
  '23505': { code: 'exists', outcome: 'not_applied' },
  '42601': { code: 'usage', reason: 'syntax' },
  '42703': { code: 'invalid' },
  '42883': { code: 'invalid' },
  '53100': { code: 'io', reason: 'disk_full' },
  '53200': { code: 'os' },
  '53300': { code: 'busy', reason: 'connection_limit' },
  '53400': { code: 'busy' },
  '55006': { code: 'busy', reason: 'locked' },
  '55P03': { code: 'busy', reason: 'locked' },
  '40001': { code: 'busy', reason: 'locked', outcome: 'not_applied' },
  '40P01': { code: 'busy', reason: 'locked', outcome: 'not_applied' },
  '57014': {
    code: 'timeout',
    outcome: 'not_applied',
    hint: 'The server ended the statement: see its statement_timeout.',
  },
  '58030': { code: 'io' },
};

const CLASSES: Record<string, Classified> = {
  '08': { code: 'unreachable', reason: 'network' },
  '22': { code: 'invalid', outcome: 'not_applied' },
  '23': { code: 'invalid', outcome: 'not_applied' },
  '42': { code: 'invalid', outcome: 'not_applied' },
  '53': { code: 'busy' },
  '54': { code: 'invalid', reason: 'too_large', outcome: 'not_applied' },
  '57': { code: 'unreachable', reason: 'reset' },
  '58': { code: 'io' },
  XX: { code: 'protocol', reason: 'bad_answer' },
};

/** What an error of pg, of PGlite or of a socket means. */
export function classify(error: unknown): Classified {
  const { code, message = '', errors } = error as { code?: unknown; message?: string; errors?: unknown[] };
  // A host with several addresses: an AggregateError, of which each part is one address.
  if (code === undefined && Array.isArray(errors) && errors.length > 0) return classify(errors[0]);
  if (typeof code === 'string') {
    if (SOCKET[code] !== undefined) return { code: 'unreachable', reason: SOCKET[code] };
    if (TLS_UNTRUSTED.has(code)) {
      return { code: 'unreachable', reason: 'tls_untrusted', hint: 'Give the authority that signed it with --ca.' };
    }
    if (code === 'ETIMEDOUT') return { code: 'timeout' };
    if (code === 'ENOSPC') return { code: 'io', reason: 'disk_full' };
    if (code === 'EACCES' || code === 'EPERM') return { code: 'denied', reason: 'forbidden' };
    if (code === 'EROFS' || code === 'EIO') return { code: 'io' };
    if (/^ERR_(SSL|TLS)/.test(code)) return { code: 'unreachable', reason: 'network' };
    if (/^[0-9A-Z]{5}$/.test(code)) {
      // pgvector has one code for every bad vector.
      if (code === '22000' && /expected \d+ dimensions/.test(message)) {
        return { code: 'invalid', reason: 'dimension_mismatch', outcome: 'not_applied' };
      }
      return STATES[code] ?? CLASSES[code.slice(0, 2)] ?? { code: 'protocol', reason: 'bad_answer' };
    }
  }
  // What pg 8.23 throws without a code.
  if (message === 'The server does not support SSL connections') {
    return { code: 'unreachable', reason: 'network', hint: 'Use --sslmode disable to go without TLS.' };
  }
  if (
    /^(timeout expired|timeout exceeded when trying to connect|Connection terminated due to connection timeout)$/.test(
      message,
    )
  ) {
    return { code: 'timeout', outcome: 'not_applied' };
  }
  if (/^Connection terminated|not queryable|Client was closed/.test(message)) {
    return { code: 'unreachable', reason: 'reset' };
  }
  if (/SASL|SCRAM|password must be a string/.test(message)) {
    return { code: 'denied', reason: 'auth', hint: 'Check the user and the password.' };
  }
  return { code: 'internal' };
}
