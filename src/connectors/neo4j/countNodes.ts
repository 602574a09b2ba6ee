import type { Call } from '../../core/connector.ts';
import type { Neo4jLink } from './link.ts';
import { quote } from './quote.ts';

/** How many nodes have the label: a number that the server keeps, exact and at hand. */
export async function countNodes(link: Neo4jLink, label: string, call: Call): Promise<number> {
  const [row] = await link.read(`MATCH (n:${quote(label)}) RETURN count(n)`, {}, call);
  return Number(row!.get(0));
}
