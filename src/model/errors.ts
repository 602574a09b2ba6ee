/**
 * Everything that can go wrong, from one table: the name that scripts match on, the exit status of `vdb`,
 * the JSON-RPC error number, and whether repeating the same call can help.
 *
 * Node itself exits 1, 6, 7, 9, 12, 13 and 14, and shells use 124 to 128+n, so our statuses live in bands
 * that neither touches; where a sysexits number means the same, it is used.
 */
export const ERRORS = {
  unexpected: { exit: 1, wire: -32021, retry: 'no', meaning: 'a crash outside the handlers: report it' },
  usage: {
    exit: 2,
    wire: -32001,
    retry: 'no',
    meaning: 'flags, arguments, filter syntax or missing input; nothing was contacted',
  },
  differs: { exit: 20, wire: -32016, retry: 'no', meaning: 'verify, diff or compare ran to the end: they differ' },
  unhealthy: { exit: 21, wire: -32017, retry: 'later', meaning: 'the check ran: something is not healthy' },
  partial: { exit: 22, wire: -32018, retry: 'fix', meaning: 'finished; some parts failed, each listed' },
  declined: { exit: 23, wire: -32019, retry: 'no', meaning: 'a confirmation was answered no' },
  lossy: { exit: 24, wire: -32020, retry: 'no', meaning: 'the plan would lose something that was not accepted' },
  invalid: {
    exit: 65,
    wire: -32002,
    retry: 'no',
    meaning: 'an input record, file, dimension or id is invalid, or a job does not match',
  },
  not_found: {
    exit: 66,
    wire: -32003,
    retry: 'no',
    meaning: 'no such profile, connection, collection, record, job or file',
  },
  unsupported: { exit: 67, wire: -32004, retry: 'no', meaning: 'this database or version cannot do it' },
  unreachable: {
    exit: 69,
    wire: -32005,
    retry: 'yes',
    meaning: 'a database or the daemon cannot be reached: refused, DNS, TLS, network',
  },
  internal: { exit: 70, wire: -32006, retry: 'no', meaning: 'an invariant of vdb broke and was caught: report it' },
  os: { exit: 71, wire: -32007, retry: 'yes', meaning: 'out of memory, files or processes' },
  exists: { exit: 73, wire: -32008, retry: 'no', meaning: 'refuses to overwrite, or a conflict' },
  io: {
    exit: 74,
    wire: -32009,
    retry: 'yes',
    meaning: 'disk full, a write to stdout, log or journal failed, or state is read-only',
  },
  busy: {
    exit: 75,
    wire: -32010,
    retry: 'yes',
    meaning: 'rate limit, connection limit, lock held, circuit open, daemon stopping, or not visible yet',
  },
  protocol: { exit: 76, wire: -32011, retry: 'no', meaning: 'version skew, a malformed answer, or a redirect' },
  denied: {
    exit: 77,
    wire: -32012,
    retry: 'no',
    meaning: 'credentials, rights, wrong vault key, protected profile or read-only',
  },
  config: {
    exit: 78,
    wire: -32013,
    retry: 'no',
    meaning:
      'settings, profiles or a journal are unreadable, newer or corrupt; unsafe permissions; no credential store',
  },
  timeout: { exit: 124, wire: -32014, retry: 'see', meaning: 'the deadline passed; `outcome` says what is known' },
  cancelled: { exit: 130, wire: -32015, retry: 'yes', meaning: 'Ctrl-C (130) or SIGTERM (143); state is resumable' },
} as const satisfies Record<
  string,
  { exit: number; wire: number; retry: 'no' | 'yes' | 'later' | 'fix' | 'see'; meaning: string }
>;

export type ErrorCode = keyof typeof ERRORS;

/** Finer, stable cause within a code. One list, with the codes each may come with. */
export const REASONS = {
  refused: 'nothing listens at that address',
  dns: 'the host name does not resolve',
  reset: 'the peer closed the connection',
  network: 'the network failed in another way',
  tls_untrusted: 'the certificate is not trusted',
  tls_expired: 'the certificate has expired or is not valid yet',
  tls_name: 'the certificate is for another name',
  redirect: 'the server answered with a redirect, which is never followed',
  bad_answer: 'the answer is not what this protocol allows',
  version_skew: 'client and daemon speak different protocol versions',
  auth: 'the credentials were refused',
  forbidden: 'the credentials lack the right',
  wrong_key: 'the key does not open the credential file',
  needs_secret: 'a secret is needed that only the caller can give',
  protected: 'the profile is protected against writes',
  read_only: 'the caller asked for read-only',
  rate_limited: 'the server asked to slow down',
  circuit_open: 'the connection failed repeatedly and is resting',
  connection_limit: 'as many connections are held as allowed',
  locked: 'another process or job holds it',
  queue_full: 'too many calls are waiting',
  stopping: 'the daemon is stopping',
  not_visible_yet: 'the store does not show the writes yet',
  dimension_mismatch: 'the vector has another dimension than the collection',
  integer_range: 'the integer is outside of -2^63 to 2^64-1',
  not_finite: 'a number is NaN or infinite, or beyond float32',
  duplicate_id: 'one id stands for two records',
  duplicate_key: 'an object holds a key twice',
  syntax: 'the text does not parse',
  too_large: 'the input is larger than the limit',
  reserved_key: 'the key is reserved for vdb',
  job_mismatch: 'the job was made for another source, target, filter or mapping',
  journal_corrupt: 'the journal is damaged',
  newer: 'written by a newer version',
  corrupt: 'the file is damaged',
  unsafe_permissions: 'others can read or write it',
  other_directories: 'the daemon serves other directories',
  not_running: 'no daemon is running',
  start_failed: 'the daemon did not start',
  runtime: 'the Node.js found is too old',
  not_empty: 'the target holds records already',
  filter: 'this database cannot evaluate that filter',
  disk_full: 'no space is left',
  interrupted: 'a signal arrived',
} as const satisfies Record<string, string>;

export type ErrorReason = keyof typeof REASONS;

/** What is known of the effect of the failed operation. */
export type Outcome = 'not_applied' | 'applied' | 'partially_applied' | 'unknown';

export interface SecretNeed {
  profile: string;
  name: string;
  /** `env:NAME`, `cmd:COMMAND`, `file:PATH` or `prompt`. */
  source: string;
}

export interface ErrorDetails {
  reason?: ErrorReason;
  outcome?: Outcome;
  /** Overrides the table's advice where the case is known better (a timeout of a read is retryable). */
  retryable?: boolean;
  /** Milliseconds the server asked to wait. */
  retryAfterMs?: number;
  /** The operation, as the user knows it: `upsert`, `migrate`, … */
  op?: string;
  connection?: string;
  /** What another system said, one line, without secrets. */
  cause?: string;
  /** What the person can do next, one sentence. */
  hint?: string;
  requestId?: string;
  attempts?: number;
  elapsedMs?: number;
  /** With reason `needs_secret`: what the client must resolve before it repeats the call. */
  needs?: SecretNeed[];
  /** Further facts for scripts: line number, count written, job id. */
  data?: Record<string, unknown>;
  /** 143 instead of 130 when SIGTERM cancelled. */
  exit?: number;
}

/** The one error type. `message` says what failed and where, in one sentence without a full stop. */
export class VdbError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message);
    this.name = 'VdbError';
    this.code = code;
    this.details = details;
  }

  get exit(): number {
    return this.details.exit ?? ERRORS[this.code].exit;
  }

  get retryable(): boolean {
    return this.details.retryable ?? ERRORS[this.code].retry === 'yes';
  }

  /** The same error with facts added that only an outer layer knows; facts already there stay. */
  with(details: ErrorDetails): VdbError {
    const error = new VdbError(this.code, this.message, { ...details, ...this.details });
    if (this.stack) error.stack = this.stack;
    return error;
  }
}

/** The error object of cli.md §4, as it stands in JSON on stderr and in `error.data` on the wire. */
export interface ErrorJson {
  code: ErrorCode;
  reason?: ErrorReason;
  exit: number;
  retryable: boolean;
  retryAfterMs?: number;
  outcome: Outcome;
  op?: string;
  connection?: string;
  message: string;
  cause?: string;
  hint?: string;
  requestId?: string;
  attempts: number;
  elapsedMs: number;
  needs?: SecretNeed[];
  data?: Record<string, unknown>;
}

export function errorToJson(error: VdbError): ErrorJson {
  const { outcome = 'not_applied', attempts = 1, elapsedMs = 0, retryable: _, exit: __, ...rest } = error.details;
  return {
    code: error.code,
    exit: error.exit,
    retryable: error.retryable,
    message: error.message,
    outcome,
    attempts,
    elapsedMs,
    ...rest,
  };
}

export function errorFromJson(json: ErrorJson): VdbError {
  const { code, message, ...details } = json;
  return new VdbError(code, message, details);
}

/** Any thrown value as a VdbError; what is not one already is an invariant of ours that broke. */
export function asVdbError(error: unknown): VdbError {
  if (error instanceof VdbError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const wrapped = new VdbError('internal', message, { outcome: 'unknown' });
  if (error instanceof Error && error.stack) wrapped.stack = error.stack;
  return wrapped;
}
