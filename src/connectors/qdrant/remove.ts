import type { Call } from '../../core/connector.ts';
import type { Filter } from '../../model/filter/filter.ts';
import type { Id } from '../../model/id.ts';
import { countPoints } from './describe.ts';
import { filterJson, idsCondition } from './filterJson.ts';
import type { Layout } from './layout.ts';
import { type Client, pathOf } from './wire/client.ts';

/** Every point. */
const ALL = '{}';

export function removeIds(client: Client, layout: Layout, ids: Id[], call: Call): Promise<number> {
  return remove(client, layout.name, `{"must":[${idsCondition(ids)}]}`, call);
}

export function removeWhere(client: Client, layout: Layout, filter: Filter, call: Call): Promise<number> {
  return remove(client, layout.name, filterJson(layout, filter), call);
}

export function clear(client: Client, collection: string, call: Call): Promise<number> {
  return remove(client, collection, ALL, call);
}

/** The server does not say how many it deleted: they are counted first. */
async function remove(client: Client, collection: string, filter: string, call: Call): Promise<number> {
  const count = await countPoints(client, collection, filter, true, call);
  if (count > 0) {
    const path = `${pathOf('collections', collection, 'points', 'delete')}?wait=true`;
    await client.json('POST', path, `{"filter":${filter}}`, call);
  }
  return count;
}
