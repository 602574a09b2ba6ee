import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from '../../core/connector.ts';
import type { Link } from './link.ts';
import { pathOf } from './wire/rest.ts';

interface Nodes {
  nodes: { shards: { name: string; vectorQueueLength?: number }[] | null }[];
}

const POLL_MS = 200;

/** Vectors that wait for asynchronous indexing (ASYNC_INDEXING), of all tenants or of one; searches do not see them yet. */
export async function queued(link: Link, collection: string, tenant: string, call: Call): Promise<number> {
  const path = `${pathOf('nodes', collection)}?output=verbose`;
  const { nodes } = await link.rest.json<Nodes>('GET', path, undefined, call);
  const shards = nodes.flatMap(node => node.shards ?? []).filter(({ name }) => tenant === '' || name === tenant);
  return shards.reduce((sum, { vectorQueueLength = 0 }) => sum + vectorQueueLength, 0);
}

export async function settle(link: Link, collection: string, tenant: string, call: Call): Promise<void> {
  while ((await queued(link, collection, tenant, call)) > 0) await sleep(POLL_MS, undefined, { signal: call.signal });
}
