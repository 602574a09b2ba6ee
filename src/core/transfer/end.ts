import { formatRef } from '../../model/ref.ts';
import type { CollectionRef, Database } from '../connector.ts';

/** One side of a transfer. The engine knows only the (guarded) Database and never branches on a provider. */
export interface TransferEnd {
  connection: string;
  provider: string;
  endpoint: string;
  serverVersion: string;
  database: Database;
  ref: CollectionRef;
}

/** What a job remembers of an end, and demands again when it resumes. */
export interface EndIdentity {
  provider: string;
  endpoint: string;
  collection: string;
  partition: string;
}

export function identity(end: TransferEnd): EndIdentity {
  const { provider, endpoint, ref } = end;
  return { provider, endpoint, collection: ref.collection, partition: ref.partition };
}

/** The collection itself, whichever of its partitions: what only one job may write to. */
export function collectionKey(end: TransferEnd): string {
  return `${end.provider} ${end.endpoint} ${end.ref.collection}`;
}

/** Two parts of one collection. */
export function partitionsApart(a: TransferEnd, b: TransferEnd): boolean {
  const named = a.ref.partition !== '' && b.ref.partition !== '';
  return named && collectionKey(a) === collectionKey(b) && a.ref.partition !== b.ref.partition;
}

/** `CONNECTION/COLLECTION[/PARTITION]` */
export function endRef(end: TransferEnd): string {
  const { collection, partition } = end.ref;
  return formatRef({ connection: end.connection, collection, ...(partition === '' ? {} : { partition }) });
}
