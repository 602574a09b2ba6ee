import type { Call } from '../../core/connector.ts';
import { countNodes } from './countNodes.ts';
import { type IndexRow, indexesOf, metricOf } from './indexes.ts';
import {
  DOCUMENT,
  EMBEDDING,
  ID,
  type Layout,
  LOADING,
  notFound,
  ownName,
  type VectorLayout,
  vectorOf,
} from './layout.ts';
import type { Neo4jLink } from './link.ts';
import { readLoading } from './loading.ts';
import { quote } from './quote.ts';

/** The layout of the label of that name. Throws `not_found` for a label with neither nodes nor schema. */
export async function findLayout(link: Neo4jLink, label: string, call: Call): Promise<Layout> {
  if (label === '' || label === LOADING || label.includes('\0')) throw notFound(label);
  const [indexes, loading] = await Promise.all([indexesOf(link, label, call), readLoading(link, label, call)]);
  const layout = withSchema(label, indexes, loading);
  if (layout.own) return layout;
  return withContent(link, layout, indexes, call);
}

/** Whether the label has nodes, or an index or constraint. */
export async function exists(link: Neo4jLink, label: string, call: Call): Promise<boolean> {
  if ((await indexesOf(link, label, call)).length > 0) return true;
  return (await countNodes(link, label, call)) > 0;
}

/** What the schema alone says of a label. `loading` are vectors whose index was dropped for the time of a load. */
export function withSchema(label: string, indexes: IndexRow[], loading: VectorLayout[]): Layout {
  const own = indexes.some(each => each.unique && each.name === ownName(label));
  const found = indexes.filter(each => each.type === 'VECTOR');
  const vectors = found.map((index): VectorLayout => {
    const property = index.properties[0]!;
    return {
      name: vectorName(label, own, found.length, index),
      property,
      dimension: typeof index.options.dimensions === 'number' ? index.options.dimensions : null,
      metric: metricOf(index.options),
      index: index.name,
    };
  });
  const dropped = loading.filter(each => !vectors.some(vector => vector.property === each.property));
  const keys = indexes.filter(each => each.unique && each.properties.length === 1).map(each => each.properties[0]!);
  const property = keys.includes(ID) ? ID : keys.length === 1 ? keys[0]! : null;
  return {
    label,
    own,
    key: property === null ? null : { property, constrained: true },
    vectors: [...vectors, ...dropped],
    document: DOCUMENT,
  };
}

/** In labels of others a sole vector is the unnamed one, several are named by property. */
function vectorName(label: string, own: boolean, howMany: number, index: IndexRow): string {
  const property = index.properties[0]!;
  if (own) return vectorOf(label, index.name) ?? (property === EMBEDDING ? '' : property);
  return howMany === 1 ? '' : property;
}

/** Nodes looked at to learn what a label of others holds. */
const SAMPLE = 100;

/** What the nodes say beyond the schema: where the document is, what is a vector though no index says so, whether `id` is unique. */
async function withContent(link: Neo4jLink, layout: Layout, indexes: IndexRow[], call: Call): Promise<Layout> {
  const label = quote(layout.label);
  const rows = await link.read(
    `MATCH (n:${label}) WITH n LIMIT ${SAMPLE} UNWIND keys(n) AS key
    RETURN key, collect(DISTINCT valueType(n[key])) AS types,
      collect(DISTINCT CASE WHEN n[key] IS :: LIST<ANY> NOT NULL THEN size(n[key]) END) AS sizes`,
    {},
    call,
  );
  if (rows.length === 0 && indexes.length === 0) {
    if ((await countNodes(link, layout.label, call)) === 0) throw notFound(layout.label);
  }
  const texts = rows.filter(row => (row.get('types') as string[]).every(type => type.startsWith('STRING')));
  const names = texts.map(row => row.get('key') as string);
  const document = names.includes(DOCUMENT) ? DOCUMENT : names.includes('text') ? 'text' : DOCUMENT;
  const vectors =
    layout.vectors.length > 0 ? layout.vectors : inferredVectors(rows.map(row => row.toObject() as Sampled));
  return {
    ...layout,
    document,
    vectors,
    key: layout.key?.property === ID ? layout.key : await uniqueId(link, layout, call),
  };
}

interface Sampled {
  key: string;
  types: string[];
  sizes: bigint[];
}

/** Without an index a vector is what is called one, and holds as many floats in every node of the sample. */
function inferredVectors(rows: Sampled[]): VectorLayout[] {
  const found = rows.filter(
    ({ key, types, sizes }) =>
      /(embedding|vector)$/i.test(key) &&
      sizes.length === 1 &&
      sizes[0]! > 1n &&
      types.length === 1 &&
      types[0]!.startsWith('LIST<FLOAT'),
  );
  return found.map(({ key, sizes }) => ({
    name: found.length === 1 ? '' : key,
    property: key,
    dimension: Number(sizes[0]),
    metric: null,
    index: null,
  }));
}

/** `id` serves without a constraint too as long as no two nodes share one; else the sole constrained property. */
async function uniqueId(link: Neo4jLink, layout: Layout, call: Call): Promise<Layout['key']> {
  const [row] = await link.read(
    `MATCH (n:${quote(layout.label)}) WHERE n.id IS NOT NULL RETURN count(n.id) AS ids, count(DISTINCT n.id) AS different`,
    {},
    call,
  );
  const ids = row!.get('ids') as bigint;
  if (ids > 0n && ids === row!.get('different')) return { property: ID, constrained: false };
  return layout.key ?? (ids === 0n ? { property: ID, constrained: false } : null);
}
