import type { Call } from '../../core/connector.ts';
import type { Id } from '../../model/id.ts';
import { idsCondition } from './ids.ts';
import type { Layout } from './layout.ts';
import type { Neo4jLink, Params } from './link.ts';
import { quote } from './quote.ts';

/** Nodes in one transaction, whose memory is limited. */
const AT_ONCE = 5_000;

/** Deletes the nodes of these ids with their relationships; returns how many there were. */
export async function remove(link: Neo4jLink, layout: Layout, ids: Id[], call: Call): Promise<number> {
  const params: Params = {};
  const condition = idsCondition(layout, ids, params);
  const [row] = await link.run(
    `MATCH (n:${quote(layout.label)}) WHERE ${condition} DETACH DELETE n RETURN count(*)`,
    params,
    call,
  );
  return Number(row!.get(0));
}

/**
 * Empties a label, and returns how many nodes it had. A node that has other labels too is a record of those collections:
 * it only loses this one.
 */
export async function empty(link: Neo4jLink, label: string, call: Call): Promise<number> {
  for (let taken = 0; ; ) {
    const [row] = await link.run(
      `MATCH (n:${quote(label)}) WHERE size(labels(n)) > 1 WITH n LIMIT ${AT_ONCE} REMOVE n:${quote(label)} RETURN count(*)`,
      {},
      call,
    );
    const count = Number(row!.get(0));
    taken += count;
    if (count < AT_ONCE) return taken + (await removeAll(link, label, 'true', {}, call));
  }
}

/** Deletes all nodes of the label that meet a condition, a transaction for each few thousand. */
export async function removeAll(
  link: Neo4jLink,
  label: string,
  condition: string,
  params: Params,
  call: Call,
): Promise<number> {
  for (let removed = 0; ; ) {
    const [row] = await link.run(
      `MATCH (n:${quote(label)}) WHERE ${condition} WITH n LIMIT ${AT_ONCE} DETACH DELETE n RETURN count(*)`,
      params,
      call,
    );
    const count = Number(row!.get(0));
    removed += count;
    if (count < AT_ONCE) return removed;
  }
}
