import type { MigrationResult, Verification } from '../../protocol/methods/transfer.ts';
import type { CommandContext } from '../context.ts';
import { grouped } from '../output/progress.ts';

const DIFFERENCES_SHOWN = 10;

/** Exit status of a comparison: 75 not visible yet, 20 different, else 0. */
export function verificationStatus(verification: Verification | null): number {
  if (verification === null) return 0;
  if (verification.pending) return 75;
  return verification.equal ? 0 : 20;
}

/** Prints a migration's result, for people as sentences; its exit status. */
export async function printMigration(context: CommandContext, result: MigrationResult): Promise<number> {
  if (!context.output.forPeople || context.flags.fields) await context.output.one(result);
  else context.output.text(migrationText(result));
  const compared = verificationStatus(result.verification);
  return compared !== 0 ? compared : result.deadLettered > 0 ? 22 : 0;
}

export async function printVerification(context: CommandContext, verification: Verification): Promise<number> {
  if (!context.output.forPeople || context.flags.fields) await context.output.one(verification);
  else context.output.text(verificationText(verification));
  return verificationStatus(verification);
}

function migrationText(result: MigrationResult): string {
  const { read, written, filtered, deadLettered, preexisting, elapsedMs, recordsPerSecond } = result;
  const lines = [
    `Copied ${grouped(written)} of ${grouped(read)} records from ${result.source} to ${result.target} in ${(elapsedMs / 1000).toFixed(1)} s (${grouped(Math.round(recordsPerSecond))}/s).`,
    `${grouped(read)} read = ${grouped(written)} copied + ${grouped(deadLettered)} dead-lettered + ${grouped(filtered)} filtered + ${grouped(preexisting)} preexisting; ${result.verdict.replace('_', ', ')}.`,
  ];
  if (result.deadLetters) lines.push(`The records that failed are in ${result.deadLetters}`);
  if (result.sourceChanged === 'yes') lines.push('The source changed while it was read.');
  lines.push(result.verification ? verificationText(result.verification).trimEnd() : 'Not verified (--verify none).');
  lines.push(`Job ${result.job}`);
  return `${lines.join('\n')}\n`;
}

function verificationText(verification: Verification): string {
  const { equal, pending, level, rule, source, target, equalRecords } = verification;
  const lines: string[] = [];
  if (pending) lines.push(`Not decided: ${target.ref} does not show all writes yet; verify again later.`);
  else if (equal && level === 'count') {
    lines.push(`Counted: both hold ${grouped(source.count)} records; nothing else was compared (level count).`);
  } else if (equal) {
    lines.push(
      `Verified: ${grouped(equalRecords)} records are equal, ${source.ref} and ${target.ref} (level ${level}).`,
    );
  } else
    lines.push(
      `Different: ${source.ref} and ${target.ref} are not equal (level ${level}).`,
      level === 'count'
        ? `${grouped(source.count)} records against ${grouped(target.count)}; nothing else was compared.`
        : figures(verification),
    );
  if (rule) lines.push(`Vectors were compared by the rule ${rule}.`);
  if (equal && source.fingerprint) lines.push(`Fingerprint ${source.fingerprint}`);
  for (const { id, kind, paths } of verification.differences.slice(0, DIFFERENCES_SHOWN)) {
    lines.push(
      `  ${JSON.stringify(id)} ${kind.replaceAll('_', ' ')}${paths.length > 0 ? `: ${paths.join(', ')}` : ''}`,
    );
  }
  if (verification.differences.length > DIFFERENCES_SHOWN) lines.push('  … --json lists more');
  return `${lines.join('\n')}\n`;
}

function figures({ equalRecords, different, onlyInSource, onlyInTarget }: Verification): string {
  return `${grouped(equalRecords)} equal, ${grouped(different)} different, ${grouped(onlyInSource)} only in the source, ${grouped(onlyInTarget)} only in the target.`;
}
