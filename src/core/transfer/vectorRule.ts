import type { CollectionInfo, Transform } from '../../model/collection.ts';
import type { Mapping } from './mapping.ts';

/** A store's declared change of one vector: that side's numbers are compared with the other side's under the same change. */
export interface VectorRule {
  transform: Exclude<Transform, 'none'>;
  /** Whose store does it: the other side's numbers are the original ones. */
  by: 'source' | 'target';
}

/** By vector name, as the target calls it. Empty: everything is compared bit by bit. */
export type VectorRules = Map<string, VectorRule>;

/** Rules that the collections declare. A job looks at its target only: what it read from the source is what must arrive. */
export function vectorRules(
  source: CollectionInfo,
  target: CollectionInfo,
  mapping: Mapping,
  job: boolean,
): VectorRules {
  const rules: VectorRules = new Map();
  for (const { from, to } of mapping.vectors) {
    if (to === null) continue;
    const there = target.vectors.find(({ name }) => name === to)?.transform ?? 'none';
    const here = source.vectors.find(({ name }) => name === from)?.transform ?? 'none';
    if (there !== 'none') rules.set(to, { transform: there, by: 'target' });
    else if (here !== 'none' && !job) rules.set(to, { transform: here, by: 'source' });
  }
  return rules;
}

/** For people, and for `rule` in the result; null when there is none. */
export function ruleText(rules: VectorRules): string | null {
  if (rules.size === 0) return null;
  return [...rules]
    .map(
      ([name, { transform, by }]) =>
        `${name === '' ? 'vector' : `vectors.${name}`}: ${MEANING[transform]} by the ${by}`,
    )
    .join('; ');
}

const MEANING = {
  normalized: 'normalised (compared to a relative 1e-6)',
  approximate: 'kept to a relative 1e-6',
  f16: 'rounded to f16',
} as const;
