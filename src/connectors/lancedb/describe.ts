import type { CollectionInfo, CollectionSummary, VectorSpec } from '../../model/collection.ts';
import { specOf } from './field.ts';
import type { Layout } from './layout.ts';
import type { Opened } from './openTable.ts';
import { indexMetric } from './search.ts';
import { mayHold } from './sidecar.ts';

export async function describe(opened: Opened): Promise<CollectionInfo> {
  const { table, layout } = opened;
  const vectors = vectorSpecs(layout);
  for (const [i, field] of layout.vectors.entries()) vectors[i]!.metric ??= await indexMetric(opened, field);
  const indices = await table.listIndices();
  return {
    ...(await summarize(opened)),
    partition: null,
    vectors,
    fields: [...layout.fields.values()].map(field => ({
      ...specOf(field, mayHold(layout.sidecar, field.name, true)),
      ...(indices.some(({ columns }) => columns[0] === field.name) && { indexed: true }),
    })),
    index: Object.fromEntries(indices.map(({ name, indexType, columns }) => [name, { type: indexType, columns }])),
  };
}

/** Lance counts from its manifest, so the count is exact at any size. */
export async function summarize({ table, layout }: Opened): Promise<CollectionSummary> {
  return { name: layout.table, count: await table.countRows(), countExact: true, vectors: vectorSpecs(layout) };
}

function vectorSpecs(layout: Layout): VectorSpec[] {
  return layout.vectors.map(({ name, element, dimension, metric }) => ({
    name,
    kind: 'dense',
    element,
    dimension,
    metric,
  }));
}
