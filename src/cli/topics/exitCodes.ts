import { ERRORS } from '../../model/errors.ts';

const RETRY = { no: 'no', yes: 'yes', later: 'later', fix: 'fix first', see: 'see outcome' } as const;

export function exitCodesTopic(): string {
  const rows = Object.entries(ERRORS).map(([code, { exit, retry, meaning }]) => {
    const status = code === 'cancelled' ? '130/143' : String(exit);
    return `  ${status.padEnd(8)} ${code.padEnd(12)} ${RETRY[retry].padEnd(12)} ${meaning}`;
  });
  return `Exit statuses

  ${'status'.padEnd(8)} ${'code'.padEnd(12)} ${'retry'.padEnd(12)} meaning
  ${'0'.padEnd(8)} ${'-'.padEnd(12)} ${'-'.padEnd(12)} done
${rows.join('\n')}

A status that is not listed is a failure; more may be added. With --json, or -o ndjson, the error is one JSON object
on one line of stderr: code, reason, exit, retryable, outcome (not_applied, applied, partially_applied or unknown),
message, cause, hint.
`;
}
