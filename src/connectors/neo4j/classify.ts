import type { Classified } from '../../core/connector.ts';

const NOT_APPLIED = { outcome: 'not_applied' } as const;
const EXISTS: Classified = { code: 'exists', ...NOT_APPLIED };
const LOCKED: Classified = { code: 'busy', reason: 'locked', ...NOT_APPLIED };
const TIMED_OUT: Classified = { code: 'timeout', ...NOT_APPLIED, hint: 'Give the call more time with --timeout.' };
const TOO_MUCH: Classified = {
  code: 'invalid',
  reason: 'too_large',
  ...NOT_APPLIED,
  hint: 'Write smaller batches, or raise the transaction memory of the server.',
};
const AUTH: Classified = { code: 'denied', reason: 'auth', hint: 'Check the user and the password or token.' };

/** By the server's code (Neo4j 5.26, status codes); else by its class below. */
const CODES: Record<string, Classified> = {
  'ClientError.Security.Unauthorized': AUTH,
  'ClientError.Security.TokenExpired': AUTH,
  'ClientError.Security.AuthorizationExpired': AUTH,
  'ClientError.Security.CredentialsExpired': {
    code: 'denied',
    reason: 'auth',
    hint: 'The password must be changed first: ALTER CURRENT USER SET PASSWORD, in the system database.',
  },
  // Three wrong passwords lock the user for 5 s (dbms.security.auth_lock_time).
  'ClientError.Security.AuthenticationRateLimit': { code: 'busy', reason: 'rate_limited', retryAfterMs: 5_000 },
  'ClientError.Security.Forbidden': { code: 'denied', reason: 'forbidden' },
  'ClientError.Statement.AccessMode': { code: 'denied', reason: 'forbidden' },
  'ClientError.General.WriteOnReadOnlyAccessDatabase': { code: 'denied', reason: 'forbidden' },
  'ClientError.General.ForbiddenOnReadOnlyDatabase': { code: 'denied', reason: 'forbidden' },
  'ClientError.Cluster.NotALeader': {
    code: 'busy',
    ...NOT_APPLIED,
    hint: 'Use a neo4j:// url, which finds the leader.',
  },
  'ClientError.Database.DatabaseNotFound': { code: 'not_found', hint: 'Name an existing database with --database.' },
  'ClientError.Schema.ConstraintValidationFailed': EXISTS,
  'ClientError.Schema.ConstraintAlreadyExists': EXISTS,
  'ClientError.Schema.ConstraintWithNameAlreadyExists': EXISTS,
  'ClientError.Schema.IndexAlreadyExists': EXISTS,
  'ClientError.Schema.IndexWithNameAlreadyExists': EXISTS,
  'ClientError.Schema.EquivalentSchemaRuleAlreadyExists': EXISTS,
  'ClientError.Schema.IndexNotFound': { code: 'not_found' },
  'DatabaseError.Schema.IndexDropFailed': { code: 'not_found' },
  'DatabaseError.Schema.ConstraintDropFailed': { code: 'not_found' },
  'ClientError.Statement.SyntaxError': { code: 'usage', reason: 'syntax' },
  'ClientError.Statement.ParameterMissing': { code: 'usage', hint: 'Give it with --param NAME=VALUE.' },
  'ClientError.Statement.UnsupportedAdministrationCommand': { code: 'unsupported' },
  'ClientError.Statement.UnsupportedOperationError': { code: 'unsupported' },
  'ClientError.Procedure.ProcedureNotFound': { code: 'unsupported' },
  'ClientError.Transaction.TransactionTimedOut': TIMED_OUT,
  'ClientError.Transaction.TransactionTimedOutClientConfiguration': TIMED_OUT,
  'ClientError.Transaction.Terminated': { code: 'busy', ...NOT_APPLIED },
  'ClientError.Transaction.LockClientStopped': LOCKED,
  'TransientError.Transaction.DeadlockDetected': LOCKED,
  'TransientError.Transaction.LockAcquisitionTimeout': LOCKED,
  'TransientError.Transaction.LockClientStopped': LOCKED,
  'TransientError.General.DatabaseUnavailable': { code: 'unreachable', reason: 'network' },
  'TransientError.General.OutOfMemoryError': TOO_MUCH,
  'TransientError.General.TransactionOutOfMemoryError': TOO_MUCH,
  'TransientError.General.MemoryPoolOutOfMemoryError': TOO_MUCH,
};

const CLASSES: Record<string, Classified> = {
  'ClientError.Security': { code: 'denied', reason: 'auth' },
  ClientError: { code: 'invalid', ...NOT_APPLIED },
  TransientError: { code: 'busy', ...NOT_APPLIED },
  DatabaseError: { code: 'protocol', reason: 'bad_answer' },
};

/** What an error of neo4j-driver 6.3 means. */
export function classify(error: unknown): Classified {
  const { code, message = '' } = error as { code?: unknown; message?: string };
  if (typeof code !== 'string') return { code: 'internal' };
  if (code === 'ServiceUnavailable' || code === 'SessionExpired') return unavailable(error);
  if (code === 'ProtocolError') return { code: 'protocol', reason: 'bad_answer' };
  if (code === 'N/A') return withoutCode(message);
  if (!code.startsWith('Neo.')) return { code: 'internal' };
  const name = code.slice('Neo.'.length);
  if (name === 'ClientError.Procedure.ProcedureCallFailed') return procedure(message);
  // The one code of everything unforeseen; an id is the only value of ours that stands in a range index.
  if (message.startsWith('Property value is too large to index')) {
    return { code: 'invalid', reason: 'too_large', ...NOT_APPLIED };
  }
  const [kind, area] = name.split('.');
  return CODES[name] ?? CLASSES[`${kind}.${area}`] ?? CLASSES[kind!] ?? { code: 'protocol', reason: 'bad_answer' };
}

function procedure(message: string): Classified {
  if (/query vector has \d+ dimensions/.test(message)) {
    return { code: 'invalid', reason: 'dimension_mismatch', ...NOT_APPLIED };
  }
  if (message.includes('There is no such vector schema index')) return { code: 'not_found' };
  if (/index.*(populating|not online)/i.test(message)) return { code: 'busy', reason: 'not_visible_yet' };
  if (message.includes('OutOfMemoryError')) return TOO_MUCH;
  return { code: 'invalid', ...NOT_APPLIED };
}

const TLS_UNTRUSTED = /SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|CERT_UNTRUSTED|unknown ca/i;

/** One code for every way in which a server cannot be reached: the cause stands only in the text, or in that of an inner error. */
function unavailable(error: unknown): Classified {
  const texts: string[] = [];
  for (let each: unknown = error; each instanceof Error && texts.length < 5; each = each.cause)
    texts.push(each.message);
  const text = texts.join('\n');
  // The words in front send people to switch off encryption.
  const said = /(?:Socket responded with|Caused by): (?!Server certificate)([^\n]*)/.exec(text)?.[1];
  const message = said === undefined ? {} : { message: said };
  const found = (reason: Classified['reason'], hint?: string): Classified => ({
    code: 'unreachable',
    ...(reason && { reason }),
    ...(hint !== undefined && { hint }),
    ...message,
  });
  if (/alert certificate required/i.test(text)) {
    const hint = 'The server wants a client certificate: give one with --cert and --key.';
    return { code: 'denied', reason: 'auth', hint, ...message };
  }
  if (text.includes('ECONNREFUSED')) return found('refused');
  if (/ENOTFOUND|EAI_AGAIN/.test(text)) return found('dns');
  if (/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/.test(text)) return found('tls_expired');
  if (text.includes('ERR_TLS_CERT_ALTNAME_INVALID')) return found('tls_name');
  if (TLS_UNTRUSTED.test(text)) {
    return found('tls_untrusted', 'Give the authority that signed it with --ca, or use a +ssc:// url.');
  }
  if (/before secure TLS connection|ERR_SSL|wrong version number/.test(text)) {
    return found('network', 'If the server has no TLS, use bolt:// or neo4j:// without +s.');
  }
  if (text.includes('ETIMEDOUT') || /timed out/i.test(text)) return { code: 'timeout', ...message };
  if (/ECONNRESET|EPIPE|closed by server/.test(text)) {
    return found('reset', 'If the server wants TLS, use bolt+s:// or neo4j+s://.');
  }
  if (text.includes('No routing servers')) {
    return found('network', 'If the server is not part of a cluster, use bolt:// instead of neo4j://.');
  }
  return found('network');
}

/** What the driver says itself. */
function withoutCode(message: string): Classified {
  if (/acquisition timed out/i.test(message)) return { code: 'timeout', ...NOT_APPLIED };
  if (message.startsWith('Server responded HTTP')) {
    return { code: 'protocol', reason: 'bad_answer', hint: 'Use the Bolt port, which is 7687 by default.' };
  }
  if (/pool/i.test(message)) return { code: 'busy', reason: 'connection_limit', ...NOT_APPLIED };
  return { code: 'protocol', reason: 'bad_answer' };
}
