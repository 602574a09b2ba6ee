import type { Call } from '../../core/connector.ts';
import type { CollectionSummary } from '../../model/collection.ts';
import { vectorSpecs } from './describe.ts';
import { indexesOf } from './indexes.ts';
import { withSchema } from './introspect.ts';
import { LOADING } from './layout.ts';
import type { Neo4jLink } from './link.ts';
import { readAllLoading } from './loading.ts';
import { quote } from './quote.ts';

/** Counts asked for in one statement. */
const COUNTS = 100;

/** Every label that has nodes or is declared something for; the server keeps their counts. */
export async function listCollections(link: Neo4jLink, call: Call): Promise<CollectionSummary[]> {
  const [indexes, loading, rows] = await Promise.all([
    indexesOf(link, null, call),
    readAllLoading(link, call),
    link.read('CALL db.labels() YIELD label RETURN label', {}, call),
  ]);
  const labels = new Set([...rows.map(row => row.get(0) as string), ...indexes.map(index => index.label)]);
  labels.delete(LOADING);
  const names = [...labels].sort();
  const counts = await countAll(link, names, call);
  return names.map((name, i) => {
    const own = indexes.filter(index => index.label === name);
    const layout = withSchema(name, own, loading.get(name) ?? []);
    return { name, count: counts[i]!, countExact: true, vectors: vectorSpecs(layout) };
  });
}

async function countAll(link: Neo4jLink, labels: string[], call: Call): Promise<number[]> {
  const counts: number[] = [];
  for (let from = 0; from < labels.length; from += COUNTS) {
    const some = labels.slice(from, from + COUNTS);
    const columns = some.map((label, i) => `COUNT { (:${quote(label)}) } AS c${i}`);
    const [row] = await link.read(`RETURN ${columns.join(', ')}`, {}, call);
    counts.push(...some.map((_, i) => Number(row!.get(i))));
  }
  return counts;
}
