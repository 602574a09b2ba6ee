import { randomUUID } from 'node:crypto';
import { asVdbError, VdbError } from '../model/errors.ts';
import { errorLine, errorText } from './output/errorText.ts';
import type { Stderr } from './output/stderr.ts';

export interface ReportOptions {
  /** The command's words. */
  op: string;
  /** An object on one line was asked for instead of text. */
  json: boolean;
  /** The signal that arrived, if one did. */
  interrupted: VdbError | undefined;
}

/** Says what went wrong on stderr; the exit status of it. */
export function reportError(thrown: unknown, stderr: Stderr, { op, json, interrupted }: ReportOptions): number {
  let error = asVdbError(thrown);
  // Whoever noticed the cancel, and in whatever words: it was this signal. What is known of the effect stays.
  if (interrupted && error.code === 'cancelled') {
    error = new VdbError(error.code, interrupted.message, { ...error.details, ...interrupted.details });
  }
  const elapsedMs = Math.round(process.uptime() * 1000);
  // An error that arose here has no request; its id still tells two reports of it apart.
  if (json) stderr.write(errorLine(error, { op, elapsedMs, requestId: randomUUID() }));
  else stderr.write(errorText(error, stderr.isTerminal));
  return interrupted?.exit ?? error.exit;
}
