import { VdbError } from '../../model/errors.ts';
import type { Id } from '../../model/id.ts';
import { members } from '../../model/json/members.ts';
import type { RecordBatch } from '../../model/record.ts';

/** More digits than a binary64 float tells apart. */
const LONG_NUMBER = /\d[\d.]{17,}/;
const MAX_DIGITS = 17;
const EXAMPLES = 3;
/** Fields that are listed one by one; a collection whose keys are data would otherwise fill the plan. */
const MAX_FIELDS = 500;

export interface FieldCount {
  types: Record<string, number>;
  /** Floats written with more digits than binary64 keeps. */
  imprecise: number;
  examples: string[];
}

/** Types of top-level metadata fields, counted. */
export class FieldCensus {
  readonly fields = new Map<string, FieldCount>();
  /** Records whose metadata has more fields than are listed. */
  unlisted = 0;

  add(id: Id, metadata: string | undefined): void {
    if (metadata === undefined) return;
    for (const { key, kind, start, end } of members(metadata)) {
      let field = this.fields.get(key);
      if (!field) {
        if (this.fields.size >= MAX_FIELDS) {
          this.unlisted++;
          return;
        }
        field = { types: {}, imprecise: 0, examples: [] };
        this.fields.set(key, field);
      }
      field.types[kind] = (field.types[kind] ?? 0) + 1;
      if (!hasImprecise(metadata.slice(start, end))) continue;
      field.imprecise++;
      if (field.examples.length < EXAMPLES) field.examples.push(String(id));
    }
  }
}

/** Throws `lossy` when a float of these (mapped) records has digits that are lost, unless that was accepted for its field. */
export function checkPrecision(
  { ids, metadata }: RecordBatch,
  rename: Record<string, string>,
  accepted: string[],
): void {
  metadata.forEach((text, row) => {
    if (text === undefined || !LONG_NUMBER.test(text)) return;
    for (const { key, start, end } of members(text)) {
      const original = Object.keys(rename).find(from => rename[from] === key);
      const finding = precisionFinding(original ?? key);
      if (accepted.includes(finding) || !hasImprecise(text.slice(start, end))) continue;
      throw new VdbError('lossy', `digits of '${key}' in record '${ids[row]}' would be lost: a float keeps 17`, {
        outcome: 'partially_applied',
        data: { finding, id: String(ids[row]) },
        hint: `Accept it with '--accept-loss ${finding}' in a new migration.`,
      });
    }
  });
}

export function precisionFinding(field: string): string {
  return `field.${field}.float_precision`;
}

function hasImprecise(json: string): boolean {
  if (!LONG_NUMBER.test(json)) return false;
  const numbers = json.replace(/"(?:[^"\\]|\\.)*"/g, '""').match(/\d[\d.]*(?:[eE][+-]?\d+)?/g) ?? [];
  return numbers.some(token => /[.eE]/.test(token) && significant(token) > MAX_DIGITS);
}

/** Digits without leading zeros and, as they say nothing, without trailing ones. */
function significant(token: string): number {
  return token
    .replace(/[eE].*/, '')
    .replace('.', '')
    .replace(/^0+/, '')
    .replace(/0+$/, '').length;
}
