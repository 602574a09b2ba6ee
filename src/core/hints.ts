import type { ErrorCode, ErrorReason } from '../model/errors.ts';

const BY_REASON: Partial<Record<ErrorReason, string>> = {
  refused: 'Start the server, or check host and port.',
  dns: 'Check the spelling of the host name, and the network.',
  reset: 'Try again; if it stays so, check whether the server expects TLS.',
  network: 'Check the address and the network.',
  tls_untrusted: 'Give the authority that signed it with --ca.',
  tls_expired: 'Renew the certificate of the server, or check the clock of this machine.',
  tls_name: 'Use the name that the certificate is for.',
  redirect: 'Give the address that it redirects to, if you trust it.',
  bad_answer: 'Check that the address is that of such a database.',
  auth: 'Check the user and the secret.',
  forbidden: 'Use credentials with the right to do this.',
  rate_limited: 'Wait, or send fewer requests at once.',
  connection_limit: 'Close other connections to the server, or raise its limit.',
  locked: 'Try again when the other is done.',
  dimension_mismatch: 'Make the vectors with the model that the collection was made for.',
  too_large: 'Send smaller records or batches.',
  disk_full: 'Free some space on the server or raise its quota.',
};

const BY_CODE: Partial<Record<ErrorCode, string>> = {
  timeout: 'Allow more time with --timeout.',
  not_found: "'vdb collection list' shows what there is.",
  exists: 'Choose another name, or drop the one that is there.',
};

/** What a person can do next, where a connector knows nothing better to say. */
export function hintFor(code: ErrorCode, reason: ErrorReason | undefined): string | undefined {
  if (reason) return BY_REASON[reason];
  return BY_CODE[code];
}
