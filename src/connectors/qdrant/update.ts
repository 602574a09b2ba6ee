import type { Call, UpdateRequest } from '../../core/connector.ts';
import type { Id } from '../../model/id.ts';
import { members } from '../../model/json/members.ts';
import { countPoints } from './describe.ts';
import { fetch } from './fetch.ts';
import { idsCondition } from './filterJson.ts';
import { pointId } from './ids.ts';
import { pathText } from './jsonPath.ts';
import type { Layout } from './layout.ts';
import { EXTRAS, RESERVED, reservedKey, toPayload } from './payload.ts';
import { readableFloats } from './readableFloats.ts';
import { type Client, pathOf } from './wire/client.ts';

/** Points whose payloads go out in one request. */
const AT_ONCE = 500;

/**
 * Changes metadata keys and leaves the rest of the points alone; returns how many there were. Key by key inside the server where
 * it can; a null (which it takes for a deletion), the document's key, and keys that no path can spell are read, changed and written back.
 */
export async function update(
  client: Client,
  layout: Layout,
  ids: Id[],
  request: UpdateRequest,
  call: Call,
): Promise<number> {
  const keys = [...Object.keys(request.set), ...request.unset];
  const reserved = keys.find(key => RESERVED.includes(key));
  if (reserved !== undefined) throw reservedKey(reserved);
  const paths = keys.map(key => pathText([key]));
  const set = readableFloats(objectJson(Object.entries(request.set)));
  const simple =
    set.exact &&
    !keys.includes(layout.documentKey) &&
    !paths.includes(undefined) &&
    !Object.values(request.set).some(text => text.trim() === 'null');
  if (!simple) return rewrite(client, layout, ids, request, call);
  const filter = `{"must":[${idsCondition(ids)}]}`;
  const count = await countPoints(client, layout.name, filter, true, call);
  const operations: string[] = [];
  if (Object.keys(request.set).length > 0) {
    operations.push(`{"set_payload":{"payload":${set.text},"filter":${filter}}}`);
  }
  // What a sidecar says of the old values goes with them.
  const gone = [...paths.slice(Object.keys(request.set).length), ...paths.map(path => `${EXTRAS}.m.${path}`)];
  if (gone.length > 0) operations.push(`{"delete_payload":{"keys":${JSON.stringify(gone)},"filter":${filter}}}`);
  if (count > 0 && operations.length > 0) await apply(client, layout, operations, call);
  return count;
}

async function rewrite(client: Client, layout: Layout, ids: Id[], request: UpdateRequest, call: Call): Promise<number> {
  const want = { vectors: false, metadata: true, document: true };
  let count = 0;
  for (let start = 0; start < ids.length; start += AT_ONCE) {
    const batch = await fetch(client, layout, ids.slice(start, start + AT_ONCE), want, call);
    const operations = batch.ids.map((id, row) => {
      const { json, mark } = pointId(id);
      const metadata = changed(batch.metadata[row] ?? '{}', request);
      const parts = { metadata, mark, document: batch.documents?.[row], uri: batch.uris?.[row] };
      return `{"overwrite_payload":{"payload":${toPayload(parts, layout.documentKey)},"points":[${json}]}}`;
    });
    if (operations.length > 0) await apply(client, layout, operations, call);
    count += batch.count;
  }
  return count;
}

async function apply(client: Client, layout: Layout, operations: string[], call: Call): Promise<void> {
  const path = `${pathOf('collections', layout.name, 'points', 'batch')}?wait=true`;
  await client.json('POST', path, `{"operations":[${operations.join(',')}]}`, call);
}

function changed(text: string, { set, unset }: UpdateRequest): string {
  const kept = members(text)
    .filter(({ key }) => !Object.hasOwn(set, key) && !unset.includes(key))
    .map(({ key, start, end }): [string, string] => [key, text.slice(start, end)]);
  return objectJson([...kept, ...Object.entries(set)]);
}

function objectJson(entries: [string, string][]): string {
  return `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`;
}
