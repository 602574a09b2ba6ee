import type { Lease, LeaseOptions } from '../../core/connections/lease.ts';
import type { CollectionRef } from '../../core/connector.ts';
import { resolveCollection, resolveConnection } from '../../core/target.ts';
import { VdbError } from '../../model/errors.ts';
import type { MethodName } from '../../protocol/methods/methods.ts';
import type { Context, TargetParams } from '../../protocol/methods/shared.ts';
import type { Request } from '../handler.ts';
import type { Services } from '../services.ts';

export interface Access {
  /** The work changes data: refused for callers that are read-only, and on protected profiles. */
  writes?: boolean;
}

/** Runs `work` with the connection that is meant. */
export async function withConnection<T>(
  target: TargetParams,
  request: Request<MethodName>,
  services: Services,
  { writes = false }: Access,
  work: (lease: Lease) => Promise<T>,
): Promise<T> {
  const { context, secrets, call } = request;
  if (writes) refuseReadOnly(context);
  const name = await resolveConnection(target, context.session, services.sessions);
  const lease = await services.connections.lease(name, secrets, call, leaseOptions(context));
  return using(lease, writes, () => work(lease));
}

/** Runs `work` with the collection that is meant, and the connection it is in. */
export async function withCollection<T>(
  target: TargetParams,
  request: Request<MethodName>,
  services: Services,
  { writes = false }: Access,
  work: (lease: Lease, ref: CollectionRef) => Promise<T>,
): Promise<T> {
  const { context, secrets, call } = request;
  if (writes) refuseReadOnly(context);
  const { connection, collection, partition } = await resolveCollection(target, context.session, services);
  const lease = await services.connections.lease(connection, secrets, call, leaseOptions(context));
  return using(lease, writes, () => {
    if (writes) services.connections.refuseWritesOn(lease, collection);
    return work(lease, { collection, partition });
  });
}

/** `--timeout` is the caller's for connecting too. */
export function leaseOptions({ timeoutMs }: Context): LeaseOptions {
  return timeoutMs === undefined ? {} : { connectMs: timeoutMs };
}

export function refuseReadOnly({ readOnly }: Context): void {
  if (!readOnly) return;
  throw new VdbError('denied', 'this caller may only read', {
    reason: 'read_only',
    outcome: 'not_applied',
    hint: 'VDB_READ_ONLY is set where the command runs.',
  });
}

export function refuseProtected({ profile }: Lease): void {
  if (!profile.protected) return;
  throw new VdbError('denied', `profile '${profile.name}' is protected against writes`, {
    reason: 'protected',
    outcome: 'not_applied',
    hint: 'Take "protected" off the profile first.',
  });
}

async function using<T>(lease: Lease, writes: boolean, work: () => T | Promise<T>): Promise<T> {
  try {
    if (writes) refuseProtected(lease);
    return await work();
  } catch (error) {
    throw error instanceof VdbError ? error.with({ connection: lease.connection }) : error;
  } finally {
    lease.release();
  }
}
