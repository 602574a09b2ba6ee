import type { CollectionInfo, VectorSpec } from '../../model/collection.ts';
import { VdbError } from '../../model/errors.ts';
import type { Finding, Plan } from '../../model/transfer.ts';
import { vectorBounds } from '../vectorBounds.ts';
import { endRef, type TransferEnd } from './end.ts';
import type { Mapping } from './mapping.ts';
import { nearest } from './targetSpec.ts';

export interface VectorPlan {
  mapping: Mapping['vectors'];
  shown: Plan['mapping']['vectors'];
  findings: Finding[];
}

/** Which vector of the source becomes which of the target, and what that loses. Throws `invalid` (dimension_mismatch). */
export function planVectors(source: CollectionInfo, target: TransferEnd, existing: CollectionInfo | null): VectorPlan {
  const plan: VectorPlan = { mapping: [], shown: [], findings: [] };
  for (const spec of source.vectors) planVector(spec, source.vectors, target, existing, plan);
  return plan;
}

function planVector(
  spec: VectorSpec,
  all: VectorSpec[],
  target: TransferEnd,
  existing: CollectionInfo | null,
  plan: VectorPlan,
): void {
  const { capabilities } = target.database;
  const finding = (kind: string, action: string, loss: boolean): void => {
    plan.findings.push({
      id: `vector.${spec.name || 'unnamed'}.${kind}`,
      kind,
      field: spec.name,
      count: 0,
      examples: [],
      action,
      loss,
    });
  };
  const shown = {
    name: spec.name,
    kind: spec.kind,
    dimension: spec.dimension,
    element: spec.element,
    metric: spec.metric,
  };
  const to = targetVector(spec, all, target, existing);
  const there = existing?.vectors.find(({ name }) => name === to);
  const wide = widened(spec, there, capabilities.elements);
  const why = obstacle(spec, to, there, wide, target);
  if (why !== null) {
    finding('dropped', `left behind: ${why}`, true);
    plan.mapping.push({ from: spec.name, to: null, widen: false });
    plan.shown.push({ ...shown, targetName: null, targetMetric: null, scoreChanges: false });
    return;
  }
  if (there && spec.dimension !== null && there.dimension !== null && there.dimension !== spec.dimension) {
    throw new VdbError(
      'invalid',
      `vector '${spec.name}' has ${spec.dimension} dimensions, in ${endRef(target)} it has ${there.dimension}`,
      { reason: 'dimension_mismatch', outcome: 'not_applied', hint: 'Choose another target, or replace this one.' },
    );
  }
  const targetMetric = there
    ? there.metric
    : nearest(spec.metric, vectorBounds(capabilities, becomes(spec, wide)).metrics);
  const scoreChanges = spec.metric !== null && targetMetric !== null && targetMetric !== spec.metric;
  if (scoreChanges) finding('metric', `${spec.metric} becomes ${targetMetric}: scores and ranks change`, true);
  if (to !== spec.name) finding('renamed', to === '' ? 'becomes the unnamed vector' : `becomes '${to}'`, false);
  if (wide) finding('widened', `${spec.element} becomes f32, exactly`, false);
  if (there?.transform === 'f16') finding('transform', 'the target rounds to f16', true);
  if (there?.transform === 'approximate') finding('transform', 'the target stores to 1e-6', false);
  plan.mapping.push({ from: spec.name, to, widen: wide });
  plan.shown.push({ ...shown, targetName: to, targetMetric, scoreChanges });
}

/** The same name; where both sides have a sole vector, that one whatever it is called. Null: there is none. */
function targetVector(
  spec: VectorSpec,
  all: VectorSpec[],
  target: TransferEnd,
  existing: CollectionInfo | null,
): string | null {
  const { namedVectors } = target.database.capabilities;
  if (existing === null) return namedVectors || spec.name === '' ? spec.name : all.length === 1 ? '' : null;
  if (existing.vectors.some(({ name }) => name === spec.name)) return spec.name;
  return all.length === 1 && existing.vectors.length === 1 ? existing.vectors[0]!.name : null;
}

function widened(spec: VectorSpec, there: VectorSpec | undefined, elements: VectorSpec['element'][]): boolean {
  if (spec.kind !== 'dense' || (spec.element !== 'f16' && spec.element !== 'u8')) return false;
  return there ? there.element === 'f32' : !elements.includes(spec.element) && elements.includes('f32');
}

function becomes({ kind, element }: VectorSpec, wide: boolean): Pick<VectorSpec, 'kind' | 'element'> {
  return { kind, element: wide ? 'f32' : element };
}

function obstacle(
  spec: VectorSpec,
  to: string | null,
  there: VectorSpec | undefined,
  wide: boolean,
  target: TransferEnd,
): string | null {
  const { capabilities } = target.database;
  const { vectorKinds, elements } = capabilities;
  if (!vectorKinds.includes(spec.kind)) return `the target holds no ${spec.kind} vectors`;
  if (to === null) return 'the target has no vector of that name';
  if (!wide && !elements.includes(spec.element)) return `the target holds no ${spec.element} vectors`;
  const { element } = becomes(spec, wide);
  if (there && there.kind !== spec.kind) return `in the target it is ${there.kind}, not ${spec.kind}`;
  if (there && spec.kind === 'dense' && there.element !== element) {
    return `in the target it has elements ${there.element}, not ${element}`;
  }
  const { dimension } = vectorBounds(capabilities, { kind: spec.kind, element });
  if (dimension !== undefined && (spec.dimension ?? 0) > dimension) {
    return `the target holds at most ${dimension} dimensions`;
  }
  return null;
}
