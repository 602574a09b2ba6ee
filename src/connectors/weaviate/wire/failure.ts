/** An answer of the REST interface that is not a success, as the server gave it. */
export class Failure extends Error {
  readonly status: number;
  readonly path: string;
  readonly retryAfterMs: number | undefined;

  constructor(status: number, path: string, body: string, retryAfter: string | undefined) {
    super(textOf(body) || `status ${status}`);
    this.name = 'Failure';
    this.status = status;
    this.path = path;
    this.retryAfterMs = retryAfter === undefined ? undefined : milliseconds(retryAfter);
  }
}

/** `{"error":[{"message":"…"}]}`, `{"code":401,"message":"…"}`, or the plain text of a proxy. */
function textOf(body: string): string {
  try {
    const { error, message } = JSON.parse(body) as { error?: unknown; message?: unknown };
    if (Array.isArray(error)) return error.map(each => String((each as { message?: unknown }).message)).join('; ');
    if (typeof error === 'string') return error;
    if (typeof message === 'string') return message;
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
