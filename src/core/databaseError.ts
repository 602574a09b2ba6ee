import { ERRORS, type ErrorCode, type ErrorReason, type Outcome, REASONS, VdbError } from '../model/errors.ts';
import type { Connector } from './connector.ts';
import { hintFor } from './hints.ts';
import { VERBS, type VerbName } from './verbs.ts';

export interface ErrorPlace {
  connector: Connector;
  /** `connect` is the making of the link itself. */
  verb: VerbName | 'connect';
  /** Collection, or nothing for verbs about the whole database. */
  collection?: string | undefined;
  endpoint?: string | undefined;
  /** Texts that no channel may carry. */
  secrets?: readonly string[] | undefined;
}

/** What a connector's code threw, converted once: a raw error through `classify`, with the driver's own words as the cause. */
export function databaseError(error: unknown, place: ErrorPlace): VdbError {
  const writes = place.verb !== 'connect' && VERBS[place.verb].writes;
  if (error instanceof VdbError) {
    const hint = error.details.hint ?? hintFor(error.code, error.details.reason);
    const cause = error.details.cause ?? silenceOf(error, place.endpoint);
    const clean = new VdbError(error.code, redact(error.message, place.secrets), {
      ...error.details,
      ...(cause !== undefined && { cause: redact(cause, place.secrets) }),
      ...(hint !== undefined && { hint: redact(hint, place.secrets) }),
      outcome: error.details.outcome ?? outcomeOf(error.code, error.details.reason, writes),
    });
    if (error.stack) clean.stack = redact(error.stack, place.secrets);
    return clean;
  }
  const classified = place.connector.classify(error);
  const { code, reason, retryAfterMs, outcome, message } = classified;
  const hint = classified.hint ?? hintFor(code, reason);
  const why = reason ? REASONS[reason] : code === 'not_found' ? 'there is none of that name' : ERRORS[code].meaning;
  const cause = oneLine(redact(message ?? textOf(error), place.secrets));
  const wrapped = new VdbError(
    code,
    `cannot ${whatOf(place)}${whereOf(place)}: ${code === 'internal' ? 'an unexpected error' : why}`,
    {
      outcome: outcome ?? outcomeOf(code, reason, writes),
      ...(cause !== '' && { cause }),
      ...(reason && { reason }),
      ...(hint !== undefined && { hint }),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    },
  );
  if (error instanceof Error && error.stack) wrapped.stack = redact(error.stack, place.secrets);
  return wrapped;
}

/** A deadline knows the method only; which server kept it waiting is what a person must know. */
export function silenceOf(error: VdbError, endpoint: string | undefined): string | undefined {
  return error.code === 'timeout' && endpoint !== undefined ? `no answer from ${endpoint}` : undefined;
}

/** The error of a call whose signal was aborted: the reason given to `abort` when that is a VdbError. */
export function abortError(signal: AbortSignal, verb: VerbName | 'connect', started = true): VdbError {
  const outcome: Outcome = started && verb !== 'connect' && VERBS[verb].writes ? 'unknown' : 'not_applied';
  const { reason } = signal;
  if (reason instanceof VdbError) {
    return new VdbError(reason.code, reason.message, { ...reason.details, outcome });
  }
  if (reason instanceof Error && reason.name === 'TimeoutError') {
    return new VdbError('timeout', 'the deadline passed', { outcome, retryable: outcome === 'not_applied' });
  }
  return new VdbError('cancelled', 'the call was cancelled', { outcome });
}

/** A failed write's outcome is unknown, unless the code itself says that nothing was accepted. */
function outcomeOf(code: ErrorCode, reason: ErrorReason | undefined, writes: boolean): Outcome {
  if (!writes) return 'not_applied';
  if (['usage', 'not_found', 'exists', 'unsupported', 'denied', 'config'].includes(code)) return 'not_applied';
  if (reason && ['refused', 'dns', 'tls_untrusted', 'tls_expired', 'tls_name', 'rate_limited'].includes(reason))
    return 'not_applied';
  return 'unknown';
}

function whatOf({ verb, collection }: ErrorPlace): string {
  if (verb === 'connect') return 'connect';
  return collection === undefined || collection === '' ? VERBS[verb].does : `${VERBS[verb].does} '${collection}'`;
}

function whereOf({ verb, endpoint }: ErrorPlace): string {
  if (endpoint === undefined) return '';
  return verb === 'connect' ? ` to ${endpoint}` : ` at ${endpoint}`;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

function oneLine(text: string): string {
  const line = text.replace(/\s*[\r\n]+\s*/g, ' ').trim();
  return line.length > 500 ? `${line.slice(0, 499)}…` : line;
}

/** Secrets as they are, as in a URL and as in JSON. */
export function redact(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret.length < 3) continue;
    for (const form of new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])) {
      clean = clean.replaceAll(form, '[secret]');
    }
  }
  return clean;
}
