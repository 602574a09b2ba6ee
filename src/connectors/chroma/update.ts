import type { Call, UpdateRequest } from '../../core/connector.ts';
import type { Id } from '../../model/id.ts';
import { members } from '../../model/json/members.ts';
import { readAnswer } from './answer.ts';
import { type Collection, operation, type Server } from './collection.ts';
import { idOf } from './ids.ts';
import { bodyOf } from './query.ts';
import { fromStored, toStored } from './storedMetadata.ts';

const RECORDS_PER_REQUEST = 1_000;

/**
 * Changes metadata keys and leaves vector, document and uri alone; how many records there were. The server merges: keys are
 * sent with their new values, and null takes one away. What another program changes of the sidecar in between is lost.
 */
export async function update(
  server: Server,
  collection: Collection,
  ids: Id[],
  request: UpdateRequest,
  call: Call,
): Promise<number> {
  let count = 0;
  for (let i = 0; i < ids.length; i += RECORDS_PER_REQUEST) {
    count += await updateSome(server, collection, ids.slice(i, i + RECORDS_PER_REQUEST), request, call);
  }
  return count;
}

async function updateSome(
  { link, root }: Server,
  collection: Collection,
  ids: Id[],
  request: UpdateRequest,
  call: Call,
): Promise<number> {
  const query = { ids: [...new Set(ids.map(String))] };
  const wanted = new Set<Id>(ids);
  const get = operation(root, collection, 'get');
  const answer = readAnswer(await link.send('POST', get, bodyOf(query, { include: ['metadatas'] }), call));
  const texts: string[] = [];
  const changes: string[] = [];
  answer.ids.forEach((text, row) => {
    const stored = answer.metadatas[row] ?? '{}';
    const { metadata, mark } = fromStored(stored);
    const id = idOf(text, mark);
    if (!wanted.has(id)) return;
    texts.push(text);
    changes.push(change(stored, toStored(apply(metadata ?? '{}', request), id)));
  });
  if (texts.length === 0) return 0;
  const body = `{"ids":${JSON.stringify(texts)},"metadatas":[${changes.join(',')}]}`;
  await link.send('POST', operation(root, collection, 'update'), body, call);
  return texts.length;
}

/** What makes `stored` of `old`. */
function change(old: string, stored: string): string {
  const text = stored === 'null' ? '{}' : stored;
  const kept = new Set(members(text).map(({ key }) => key));
  const gone = members(old).filter(({ key }) => !kept.has(key));
  const nulls = gone.map(({ key }) => `${JSON.stringify(key)}:null`);
  const inner = text.slice(1, -1);
  return `{${[...(inner === '' ? [] : [inner]), ...nulls].join(',')}}`;
}

function apply(text: string, { set, unset }: UpdateRequest): string {
  const kept = members(text)
    .filter(({ key }) => !Object.hasOwn(set, key) && !unset.includes(key))
    .map(({ key, start, end }) => `${JSON.stringify(key)}:${text.slice(start, end)}`);
  const added = Object.entries(set).map(([key, value]) => `${JSON.stringify(key)}:${value}`);
  return `{${[...kept, ...added].join(',')}}`;
}
