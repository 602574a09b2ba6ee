import type { Plan, PlanEnd } from '../../protocol/methods/transfer.ts';
import { escapeControls } from '../output/escape.ts';
import { grouped } from '../output/progress.ts';

/** A plan as a person reads it: both ends, what becomes of each part, findings, verdict. */
export function planText(plan: Plan): string {
  const { mapping, findings } = plan;
  const lines = [
    `From  ${end(plan.source)}`,
    `To    ${end(plan.target)}`,
    `Mode  ${plan.mode}${plan.overwrite ? ', overwrite' : ''}`,
  ];
  if (plan.where !== null) lines.push(`Where ${plan.where}`);
  lines.push(`Ids   ${counts(mapping.ids.kinds)}, ${mapping.ids.encoding}`);
  for (const vector of mapping.vectors) {
    const name = vector.name === '' ? '(unnamed)' : vector.name;
    const metric = vector.scoreChanges
      ? `${vector.metric} becomes ${vector.targetMetric}`
      : (vector.metric ?? 'no metric');
    lines.push(`Vector ${name}: ${vector.kind} ${vector.dimension ?? ''} ${vector.element}, ${metric}`);
  }
  for (const field of mapping.fields) lines.push(`Field ${field.name}: ${counts(field.types)}, ${field.action}`);
  for (const [from, to] of Object.entries(mapping.rename)) lines.push(`Rename ${from} to ${to}`);
  if (mapping.index.carried.length > 0) lines.push(`Index options carried: ${mapping.index.carried.join(', ')}`);
  if (mapping.index.dropped.length > 0) lines.push(`Index options dropped: ${mapping.index.dropped.join(', ')}`);
  for (const finding of findings) {
    const field = finding.field === null ? '' : ` in ${finding.field}`;
    const examples = finding.examples.length > 0 ? ` (${finding.examples.join(', ')})` : '';
    lines.push(
      `${finding.loss ? 'LOSS' : 'Note'}  ${finding.id}: ${finding.kind}${field}, ${grouped(finding.count)} records${examples}: ${finding.action}`,
    );
  }
  lines.push(`Verdict: ${plan.verdict.replace('_', ', ')}`);
  if (plan.estimateMs !== null) lines.push(`Estimate: ${(plan.estimateMs / 1000).toFixed(1)} s`);
  return `${lines.map(escapeControls).join('\n')}\n`;
}

function end({ ref, provider, serverVersion, endpoint, count }: PlanEnd): string {
  const records = count === null ? 'does not exist yet' : `${grouped(count)} records`;
  return `${ref} (${provider} ${serverVersion}, ${endpoint}): ${records}`;
}

function counts(kinds: Record<string, number>): string {
  const parts = Object.entries(kinds).map(([kind, count]) => `${grouped(count)} ${kind}`);
  return parts.length === 0 ? 'none' : parts.join(', ');
}
