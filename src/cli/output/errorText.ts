import { type ErrorDetails, type ErrorJson, errorToJson, type VdbError } from '../../model/errors.ts';
import { escapeControls } from './escape.ts';

/** An error as a script reads it: one JSON object on one line. */
export function errorLine(error: VdbError, extra: Pick<ErrorDetails, 'op' | 'elapsedMs' | 'requestId'>): string {
  const json: ErrorJson = errorToJson(error.with(extra));
  return `${JSON.stringify({ error: json })}\n`;
}

/** An error as a person reads it, in at most three lines: what failed and where, the cause, what to do. */
export function errorText(error: VdbError, color: boolean): string {
  const [on, off] = color ? ['\u001b[31m', '\u001b[0m'] : ['', ''];
  const lines = [`${on}vdb: ${oneLine(error.message)}${off}`];
  const { cause, hint, reason } = error.details;
  if (reason === 'syntax' && cause) {
    // A filter with its caret below: two lines that belong together and replace the hint.
    const shown = cause.split('\n').slice(0, 2).map(escapeControls);
    lines.push(...shown.map(line => `  ${line}`));
  } else if (cause) lines.push(`  cause: ${oneLine(cause)}`);
  if (hint && lines.length < 3) lines.push(`  hint: ${oneLine(hint)}`);
  return `${lines.join('\n')}\n`;
}

function oneLine(text: string): string {
  return escapeControls(text.replace(/\s*\n\s*/g, ' ').trim());
}
