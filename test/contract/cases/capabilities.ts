import { expect } from 'vitest';
import { EXCEPTIONS } from '../exceptions.ts';
import { FLOOR } from '../floor.ts';
import type { Suite } from '../suite.ts';

export function capabilityCases(suite: Suite): void {
  suite.case('declares what its provider must', async () => {
    const floor = FLOOR[suite.provider];
    if (!floor) return expect.fail(`'${suite.provider}' has no entry in floor.ts`);
    const { capabilities, verbs } = suite.subject;
    for (const key of ['metrics', 'filters', 'idKinds'] as const) {
      expect(capabilities[key], key).toEqual(expect.arrayContaining(floor[key]));
    }
    for (const key of ['namedVectors', 'optionalVectors', 'immediate', 'unstableWalk', 'partitions'] as const) {
      if (floor[key]) expect(capabilities[key], key).toBe(true);
    }
    expect(capabilities.vectorKinds).toEqual(expect.arrayContaining(['dense', ...(floor.vectorKinds ?? [])]));
    expect(capabilities.elements).toEqual(expect.arrayContaining(['f32', ...(floor.elements ?? [])]));
    if (floor.bitMetrics) expect(capabilities.bits?.metrics).toEqual(expect.arrayContaining(floor.bitMetrics));
    expect(verbs).toEqual(expect.arrayContaining(floor.verbs));
  });

  suite.case('has verbs that belong together', async () => {
    const { verbs } = suite.subject;
    for (const [one, other] of [
      ['load', 'unload'],
      ['pins', 'release'],
      ['partitions', 'createPartition'],
    ] as const) {
      expect(verbs.includes(one), `${one} and ${other}`).toBe(verbs.includes(other));
    }
    expect(verbs.includes('partitions'), 'partitions').toBe(suite.subject.capabilities.partitions === true);
    for (const limit of Object.values(suite.subject.capabilities.limits)) expect(limit).toBeGreaterThan(0);
  });

  suite.case('has exceptions only for cases that exist', async () => {
    const listed = EXCEPTIONS.filter(entry => entry.provider === suite.provider).map(entry => entry.case);
    expect(suite.caseNames).toEqual(expect.arrayContaining(listed));
  });
}
