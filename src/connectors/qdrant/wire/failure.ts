import type { Outcome } from '../../../model/errors.ts';

/** An answer that is not a success, as the server gave it. */
export class Failure extends Error {
  readonly status: number;
  readonly path: string;
  readonly retryAfterMs: number | undefined;
  /** What is known of a refused write; undefined when nothing is. */
  outcome: Outcome | undefined;

  constructor(status: number, path: string, body: string, retryAfter: string | undefined) {
    super(textOf(body) || `status ${status}`);
    this.name = 'Failure';
    this.status = status;
    this.path = path;
    this.retryAfterMs = retryAfter === undefined ? undefined : milliseconds(retryAfter);
    if (status >= 400 && status < 500) this.outcome = 'not_applied';
  }
}

/** `{"status":{"error":"…"}}`, or the plain text of a proxy or of 401. */
function textOf(body: string): string {
  try {
    const { status } = JSON.parse(body) as { status?: { error?: unknown } };
    if (typeof status?.error === 'string') return status.error;
  } catch {
    // Not JSON: the text itself.
  }
  return body.slice(0, 500);
}

/** `Retry-After` is whole seconds or a date. */
function milliseconds(retryAfter: string): number | undefined {
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
