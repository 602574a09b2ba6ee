import type { Call } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import type { Id } from '../../model/id.ts';
import type { RecordBatch } from '../../model/record.ts';
import { isBeyond, isElementId, keyProperty, looksBeyond } from './ids.ts';
import { type Layout, MARK } from './layout.ts';
import type { Neo4jLink, Run } from './link.ts';
import { quote } from './quote.ts';
import { type WriteRow, writeRows } from './writeRows.ts';

/** Writes a batch in one transaction: properties are replaced whole, relationships and other labels stay. */
export async function upsert(
  link: Neo4jLink,
  layout: Layout,
  batch: RecordBatch,
  absent: boolean,
  call: Call,
): Promise<void> {
  if (batch.count === 0) return;
  const rows = writeRows(layout, batch);
  const label = quote(layout.label);
  const foreign = layout.key?.constrained !== true || (!layout.own && batch.ids.some(isElementId));
  const beyond = batch.ids.some(id => isBeyond(id) || looksBeyond(id));
  if (!foreign && !beyond) {
    const find = absent ? `CREATE (n:${label})` : `MERGE (n:${label} {${quote(layout.key!.property)}: r.id})`;
    await link.run(`UNWIND $rows AS r ${find} SET n = r.properties`, { rows }, call);
    return;
  }
  await link.transaction(async run => {
    if (beyond) await refuseSameDigits(run, layout, batch.ids);
    if (foreign) return writeForeign(run, layout, batch, rows);
    await run(`UNWIND $rows AS r MERGE (n:${label} {${quote(layout.key!.property)}: r.id}) SET n = r.properties`, {
      rows,
    });
  }, call);
}

/** Without a constraint a MERGE would walk the label once for each row: the nodes are found in one pass instead. */
async function writeForeign(run: Run, layout: Layout, batch: RecordBatch, rows: WriteRow[]): Promise<void> {
  const label = quote(layout.label);
  const nodes = new Map<string | bigint, string>();
  if (layout.key !== null) {
    const key = keyProperty(layout.key);
    const found = await run(
      `MATCH (n:${label}) WHERE ${key} IN $keys AND (${key} IS :: INTEGER NOT NULL OR ${key} IS :: STRING NOT NULL)
      RETURN ${key}, elementId(n)`,
      { keys: rows.map(row => row.id) },
    );
    for (const row of found) nodes.set(row.get(0), row.get(1));
  }
  const elements = batch.ids.filter(isElementId).filter(id => !nodes.has(id));
  const there = new Set<string>();
  if (elements.length > 0) {
    const found = await run(`MATCH (n:${label}) WHERE elementId(n) IN $elements RETURN elementId(n)`, { elements });
    for (const row of found) there.add(row.get(0));
  }
  const known: { node: string; properties: WriteRow['properties'] }[] = [];
  const fresh: WriteRow[] = [];
  for (const row of rows) {
    const node = nodes.get(row.id);
    if (node !== undefined) known.push({ node, properties: row.properties });
    else if (typeof row.id === 'string' && there.has(row.id)) {
      // The node keeps to its elementId: it gets no id of its own.
      if (layout.key !== null) delete row.properties[layout.key.property];
      known.push({ node: row.id, properties: row.properties });
    } else if (layout.key === null) throw noKey(layout);
    else fresh.push(row);
  }
  if (known.length > 0) {
    await run('UNWIND $rows AS r MATCH (n) WHERE elementId(n) = r.node SET n = r.properties', { rows: known });
  }
  if (fresh.length > 0) await run(`UNWIND $rows AS r CREATE (n:${label}) SET n = r.properties`, { rows: fresh });
}

function noKey(layout: Layout): VdbError {
  return new VdbError(
    'unsupported',
    `the nodes labelled ${layout.label} have no property that could be a new record's id`,
    {
      outcome: 'not_applied',
      hint: `Their property id is not unique: CREATE CONSTRAINT FOR (n:${quote(layout.label)}) REQUIRE n.id IS UNIQUE.`,
    },
  );
}

/** An integer beyond 64 bits is text here, and marked: the same digits as text would be the same node. */
async function refuseSameDigits(run: Run, layout: Layout, ids: readonly Id[]): Promise<void> {
  const integers = ids.filter(isBeyond).map(String);
  const texts = ids.filter(looksBeyond);
  const both = texts.find(text => integers.includes(text));
  if (both !== undefined) throw sameDigits(layout, both);
  if (layout.key === null) return;
  const key = keyProperty(layout.key);
  const [row] = await run(
    `MATCH (n:${quote(layout.label)}) WHERE (${key} IN $texts AND n.${MARK} = 'i:' + ${key})
      OR (${key} IN $integers AND coalesce(n.${MARK} <> 'i:' + ${key}, true)) RETURN ${key} LIMIT 1`,
    { integers, texts },
  );
  if (row !== undefined) throw sameDigits(layout, row.get(0));
}

function sameDigits(layout: Layout, digits: string): VdbError {
  return new VdbError(
    'invalid',
    `${layout.label} cannot hold both the integer id ${digits} and the text id "${digits}"`,
    {
      reason: 'duplicate_id',
      outcome: 'not_applied',
      hint: 'Integers beyond 64 bits are kept as text here; give one of the two another id.',
    },
  );
}
