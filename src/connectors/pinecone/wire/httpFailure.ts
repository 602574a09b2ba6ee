/** An answer that is not a success. */
export class HttpFailure extends Error {
  readonly status: number;
  /** The service's own code, such as `QUOTA_EXCEEDED` or the gRPC number 5. */
  readonly code: string | undefined;
  readonly retryAfterMs: number | undefined;
  /** Earlier requests of the same call were acknowledged. */
  partly = false;

  constructor(status: number, code: string | undefined, message: string, retryAfterMs: number | undefined) {
    super(message);
    this.name = 'HttpFailure';
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** An answer that is not what the protocol allows. */
export class BadAnswer extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BadAnswer';
  }
}

/**
 * From an answer's parts. The data plane answers `{code,message}`, the control plane `{error:{code,message}}`, and the edge
 * (401, some 400, 403 and 429) plain text (documented for API 2026-07).
 */
export function httpFailure(status: number, body: string, retryAfter: string | undefined): HttpFailure {
  let code: string | undefined;
  let message = body.trim();
  try {
    const parsed = JSON.parse(body) as {
      code?: unknown;
      message?: unknown;
      error?: { code?: unknown; message?: unknown };
    };
    const said = parsed.error ?? parsed;
    if (said.code !== undefined) code = String(said.code);
    if (typeof said.message === 'string') message = said.message;
  } catch {
    // Plain text.
  }
  return new HttpFailure(status, code, message === '' ? `HTTP ${status}` : message, retryAfterMs(retryAfter));
}

/** Seconds, or the time of day (RFC 9110 §10.2.3). */
function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(header)) return Math.ceil(Number(header) * 1000);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
