/** An answer of the server that is no success. */
export class HttpFailure extends Error {
  readonly status: number;
  /** `NotFoundError`, …; undefined when the body is not Chroma's. */
  readonly kind: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(status: number, body: string, retryAfter: string | undefined) {
    const { kind, message } = parse(body);
    super(`${status}${kind === undefined ? '' : ` ${kind}`}${message === '' ? '' : `: ${message}`}`);
    this.name = 'HttpFailure';
    this.status = status;
    this.kind = kind;
    this.retryAfterMs = waitMs(retryAfter);
  }
}

function parse(body: string): { kind: string | undefined; message: string } {
  try {
    const { error, message } = JSON.parse(body) as { error?: unknown; message?: unknown };
    if (typeof error === 'string') return { kind: error, message: typeof message === 'string' ? message : '' };
  } catch {
    // Plain text, as proxies answer.
  }
  return { kind: undefined, message: body.slice(0, 200).trim() };
}

/** Seconds or a date (RFC 9110, 10.2.3). */
function waitMs(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
