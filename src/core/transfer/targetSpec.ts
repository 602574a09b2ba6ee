import type { CollectionInfo, CollectionSpec, FieldSpec, VectorSpec } from '../../model/collection.ts';
import type { Metric } from '../../model/metric.ts';
import { vectorBounds } from '../vectorBounds.ts';
import type { TransferEnd } from './end.ts';
import type { Mapping } from './mapping.ts';

/** What the target collection is made from: the source as far as the mapping carries it; the provider's own settings when both are of one. */
export function targetSpec(
  source: TransferEnd,
  info: CollectionInfo,
  target: TransferEnd,
  mapping: Mapping,
): CollectionSpec {
  const { capabilities } = target.database;
  const same = source.provider === target.provider;
  const vectors = mapping.vectors.flatMap(({ from, to, widen }) => {
    const spec = info.vectors.find(({ name }) => name === from);
    if (!spec || to === null) return [];
    const { kind, dimension, metric } = spec;
    const element = widen ? 'f32' : spec.element;
    const { metrics } = vectorBounds(capabilities, { kind, element });
    const made: VectorSpec = { name: to, kind, dimension, element, metric: nearest(metric, metrics) };
    return [made];
  });
  const spec: CollectionSpec = { name: target.ref.collection, vectors };
  if (info.fields.length > 0) spec.fields = info.fields.map(field => renamed(field, mapping));
  const partitioned = info.partitioned ?? source.database.capabilities.partitions;
  if (capabilities.partitions && (partitioned || target.ref.partition !== '')) {
    spec.partitioned = true;
  }
  if (same && info.native && unchanged(mapping, info)) spec.native = info.native;
  return spec;
}

/** The metric itself, or the one that the plan offers in its place. */
export function nearest(metric: Metric | null, metrics: Metric[]): Metric | null {
  if (metric === null || metrics.includes(metric)) return metric;
  return metrics[0] ?? null;
}

function renamed(field: FieldSpec, { rename }: Mapping): FieldSpec {
  return Object.hasOwn(rename, field.name) ? { ...field, name: rename[field.name]! } : field;
}

/** Native settings name vectors: they hold only when those stay as they are. */
function unchanged(mapping: Mapping, info: CollectionInfo): boolean {
  return (
    Object.keys(mapping.rename).length === 0 &&
    mapping.vectors.length === info.vectors.length &&
    mapping.vectors.every(({ from, to, widen }) => from === to && !widen)
  );
}
