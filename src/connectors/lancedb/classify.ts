import type { Classified } from '../../core/connector.ts';

/** Lance has no error codes: every failure is `GenericFailure` with a text. First match wins. */
const RULES: [RegExp, Classified][] = [
  [
    /os error (28|122)\)|No space left|Disk quota/i,
    { code: 'io', reason: 'disk_full', hint: 'Free some space; what was written before stands.' },
  ],
  [
    /os error (13|1|30)\)|Permission denied|Read-only file system/i,
    { code: 'denied', reason: 'forbidden', hint: 'Check who may write to the directory.' },
  ],
  [/os error (24|12)\)|Too many open files|Cannot allocate memory/i, { code: 'os' }],
  [
    /os error 20\)|Not a directory|NotADirectory|Unable to created? lance dataset/i,
    { code: 'config', hint: 'The path must be a directory that can be made or opened.' },
  ],
  [
    /commit conflict|concurrent (commit|write|transaction)|Too many concurrent/i,
    { code: 'busy', outcome: 'not_applied', hint: 'Another program writes to the table; try again.' },
  ],
  [/already exists/i, { code: 'exists', outcome: 'not_applied' }],
  [
    /Table '.*' was not found|Not found: .*_versions|Dataset at path .* was not found/i,
    { code: 'not_found', outcome: 'not_applied' },
  ],
  [
    /doesn't match the column vector .* dim/i,
    { code: 'invalid', reason: 'dimension_mismatch', outcome: 'not_applied' },
  ],
  [/contains null values|non-nullable/i, { code: 'invalid', outcome: 'not_applied' }],
  [
    /corrupt|Invalid magic|Not found: /i,
    { code: 'io', hint: 'A file of the table is missing or damaged; see which versions still open.' },
  ],
];

export function classify(error: unknown): Classified {
  const raw = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && error.name === 'AbortError') return { code: 'cancelled' };
  const message = firstSentence(raw);
  for (const [pattern, classified] of RULES) if (pattern.test(raw)) return { ...classified, message };
  return { code: 'internal', message };
}

/** Without the place in Lance's own sources, and without the repetition behind "Caused by". */
function firstSentence(raw: string): string {
  return raw
    .split(/\s+Caused by:|\n/)[0]!
    .replace(/,? \/\S+\/registry\/src\/\S+/g, '')
    .replace(/^lance error: /, '')
    .trim();
}
