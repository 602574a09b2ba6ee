import { instant } from '../../model/filter/instant.ts';
import type { JsonKind } from '../../model/json/members.ts';
import type { FieldColumn } from './layout.ts';

/** Whether a column of other people's tables keeps this metadata value. What does not fit stays in jsonb, or is refused. */
export function fits(field: FieldColumn, kind: JsonKind, text: string): boolean {
  if (text.includes('\\u0000')) return false;
  switch (field.kind) {
    case 'json':
      // A JSON null in the column is SQL's NULL as soon as somebody casts it.
      return kind !== 'null';
    case 'text':
      return kind === 'string';
    case 'integer':
      return kind === 'integer';
    case 'numeric':
      if (kind !== 'integer' && kind !== 'float') return false;
      return field.scale === null || decimals(text) <= field.scale;
    case 'double':
      return kind === 'float' ? !/^-0(\.0*)?$/.test(text) : kind === 'integer' && Number.isSafeInteger(Number(text));
    case 'real':
      return kind === 'float' && keptByFloat4(Number(text));
    case 'boolean':
      return kind === 'boolean';
    case 'timestamptz': {
      const value: unknown = kind === 'string' || kind === 'object' ? JSON.parse(text) : null;
      const date = typeof value === 'string' ? value : (value as { $date?: unknown } | null)?.$date;
      if (kind === 'object' && Object.keys(value as object).length !== 1) return false;
      const moment = typeof date === 'string' ? instant(date) : undefined;
      // Microseconds.
      return moment !== undefined && moment % 1000n === 0n;
    }
    case 'bytes': {
      const value = kind === 'object' ? (JSON.parse(text) as Record<string, unknown>) : {};
      return Object.keys(value).length === 1 && typeof value.$bytes === 'string';
    }
    case 'array':
    case 'floatArray':
      return (
        kind === 'array' && (JSON.parse(text) as unknown[]).every(each => each !== null && typeof each !== 'object')
      );
  }
}

function decimals(text: string): number {
  return /[eE]/.test(text) ? Number.POSITIVE_INFINITY : (text.split('.')[1]?.replace(/0+$/, '').length ?? 0);
}

/** PostgreSQL prints a float4 in the shortest decimal that reads back. */
function keptByFloat4(value: number): boolean {
  const rounded = Math.fround(value);
  if (Object.is(rounded, -0) || !Number.isFinite(rounded)) return false;
  return (
    rounded === value ||
    (Math.fround(Number(value.toPrecision(6))) === rounded && Number(value.toPrecision(6)) === value)
  );
}
