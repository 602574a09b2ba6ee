import type { Json } from './json.ts';
import { badFormat } from './refusal.ts';

/** `a.b`, `"a.b"`, `a[]`, `a[0]`. */
export type Step = { key: string } | { index: number } | 'all';

const STEPS = /(?:(?:^|\.)(?:([\p{Alphabetic}\p{N}_-]+)|"([^"\\]*)"))|\[(\d*)\]/uy;

export function parsePath(text: string): Step[] {
  const steps: Step[] = [];
  STEPS.lastIndex = 0;
  while (STEPS.lastIndex < text.length) {
    const match = STEPS.exec(text);
    if (match === null || (steps.length === 0 && match[3] !== undefined))
      throw badFormat(`Invalid json path: '${text}'`);
    if (match[3] !== undefined) steps.push(match[3] === '' ? 'all' : { index: Number(match[3]) });
    else steps.push({ key: match[1] ?? match[2]! });
  }
  if (steps.length === 0) throw badFormat(`Invalid json path: '${text}'`);
  return steps;
}

/** Values at a path; keys enter objects only. */
export function valuesAt(value: Json, steps: Step[]): Json[] {
  const [step, ...rest] = steps;
  if (step === undefined) return [value];
  if (step === 'all') return Array.isArray(value) ? value.flatMap(item => valuesAt(item, rest)) : [];
  if ('index' in step) {
    const item = Array.isArray(value) ? value[step.index] : undefined;
    return item === undefined ? [] : valuesAt(item, rest);
  }
  const member = value instanceof Map ? value.get(step.key) : undefined;
  return member === undefined ? [] : valuesAt(member, rest);
}

export function removeAt(value: Json, steps: Step[]): void {
  const [step, ...rest] = steps;
  if (step === undefined || step === 'all' || 'index' in step || !(value instanceof Map)) return;
  if (rest.length === 0) value.delete(step.key);
  else if (value.has(step.key)) removeAt(value.get(step.key)!, rest);
}
