import type { Call, UpdateRequest } from '../../core/connector.ts';
import type { Id } from '../../model/id.ts';
import { members } from '../../model/json/members.ts';
import { idsCondition } from './ids.ts';
import { type Layout, SIDECAR } from './layout.ts';
import type { Neo4jLink, Params } from './link.ts';
import { quote } from './quote.ts';
import { recordReader } from './recordReader.ts';
import { noProperties, type Properties, storeMetadata } from './storedMetadata.ts';

/** Changes metadata keys and leaves the rest of the nodes alone; returns how many records there were. */
export async function update(
  link: Neo4jLink,
  layout: Layout,
  ids: Id[],
  request: UpdateRequest,
  call: Call,
): Promise<number> {
  const reader = recordReader(layout, { vectors: false, metadata: true, document: true });
  const params: Params = {};
  const condition = idsCondition(layout, ids, params);
  return link.transaction(async run => {
    // Taking a property away, also one that is not there, locks the node: what is read behind it stays so until the commit.
    const rows = await run(
      `MATCH (n:${quote(layout.label)}) WHERE ${condition} REMOVE n._vdb_lock WITH n RETURN ${reader.returns}`,
      params,
    );
    const batch = reader.read(rows);
    const changes = rows.map((row, i) => {
      const metadata = batch.metadata[i] ?? '{}';
      const fresh = noProperties();
      storeMetadata(layout, apply(metadata, request), batch.uris?.[i], fresh);
      return { node: row.get(1) as string, properties: difference(layout, metadata, row.get(0), fresh) };
    });
    await run('UNWIND $changes AS r MATCH (n) WHERE elementId(n) = r.node SET n += r.properties', { changes });
    return batch.count;
  }, call);
}

/** What `SET n +=` makes of the old metadata the new: null takes a property away. */
function difference(layout: Layout, old: string, stored: Properties, fresh: Properties): Properties {
  const properties = fresh;
  const before = noProperties();
  storeMetadata(layout, old, undefined, before);
  for (const key of [...Object.keys(before), SIDECAR]) {
    if (stored[key] !== undefined && !(key in fresh)) properties[key] = null;
  }
  return properties;
}

function apply(text: string, { set, unset }: UpdateRequest): string {
  const kept = members(text)
    .filter(({ key }) => !Object.hasOwn(set, key) && !unset.includes(key))
    .map(({ key, start, end }) => `${JSON.stringify(key)}:${text.slice(start, end)}`);
  const added = Object.entries(set).map(([key, value]) => `${JSON.stringify(key)}:${value}`);
  return `{${[...kept, ...added].join(',')}}`;
}
