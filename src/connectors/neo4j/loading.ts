import type { Call, JsonValue } from '../../core/connector.ts';
import { awaitIndexes, createIndex, type IndexSpec, indexesOf } from './indexes.ts';
import { type Layout, LOADING, type VectorLayout } from './layout.ts';
import type { Neo4jLink } from './link.ts';
import { quote } from './quote.ts';

interface Dropped {
  vector: VectorLayout;
  index: IndexSpec;
}

/**
 * Drops the vector indexes of a collection of ours, since each makes a load slower. Their definitions go into a node first,
 * so that they are not lost when vdb dies before the caller has written down what this returns. Labels of others keep their
 * indexes: someone else's queries live on them.
 */
export async function dropIndexes(link: Neo4jLink, layout: Layout, call: Call): Promise<JsonValue> {
  if (!layout.own) return { dropped: [] };
  const noted = await readDropped(link, layout.label, call);
  const indexes = await indexesOf(link, layout.label, call);
  const fresh = layout.vectors.flatMap((vector): Dropped[] => {
    const index = indexes.find(each => each.name === vector.index);
    if (index === undefined) return [];
    return [{ vector, index: { name: index.name, property: vector.property, options: index.options } }];
  });
  const dropped = [...noted.filter(each => !fresh.some(other => other.index.name === each.index.name)), ...fresh];
  await link.run(
    `MERGE (s:${LOADING} {label: $label}) SET s.dropped = $dropped`,
    { label: layout.label, dropped: JSON.stringify(dropped) },
    call,
  );
  for (const { index } of fresh) await link.run(`DROP INDEX ${quote(index.name)} IF EXISTS`, {}, call);
  return { dropped } as unknown as JsonValue;
}

/** Makes the dropped indexes again, those that are not there, and waits until they hold everything. */
export async function restoreIndexes(link: Neo4jLink, label: string, restore: JsonValue, call: Call): Promise<void> {
  const given = (restore as unknown as { dropped: Dropped[] }).dropped;
  const noted = await readDropped(link, label, call);
  for (const { index } of [...given, ...noted]) await createIndex(link, label, index, call);
  await awaitIndexes(link, label, call);
  await link.run(`MATCH (s:${LOADING} {label: $label}) DELETE s`, { label }, call);
}

/** Vectors whose index is away for the time of a load. */
export async function readLoading(link: Neo4jLink, label: string, call: Call): Promise<VectorLayout[]> {
  return vectorsOf(await readDropped(link, label, call));
}

/** The same for all labels. */
export async function readAllLoading(link: Neo4jLink, call: Call): Promise<Map<string, VectorLayout[]>> {
  const rows = await link.read(`MATCH (s:${LOADING}) RETURN s.label, s.dropped`, {}, call);
  return new Map(rows.map(row => [row.get(0) as string, vectorsOf(JSON.parse(row.get(1)) as Dropped[])]));
}

function vectorsOf(dropped: Dropped[]): VectorLayout[] {
  return dropped.map(each => ({ ...each.vector, index: null }));
}

async function readDropped(link: Neo4jLink, label: string, call: Call): Promise<Dropped[]> {
  const rows = await link.read(`MATCH (s:${LOADING} {label: $label}) RETURN s.dropped`, { label }, call);
  return rows.length === 0 ? [] : (JSON.parse(rows[0]!.get(0)) as Dropped[]);
}
