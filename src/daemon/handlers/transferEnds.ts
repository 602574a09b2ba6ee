import type { Lease } from '../../core/connections/lease.ts';
import { resolveCollection } from '../../core/target.ts';
import type { TransferEnd } from '../../core/transfer/end.ts';
import { RateMeter } from '../../core/transfer/rateMeter.ts';
import { TUNING, type Tuning } from '../../core/transfer/transferLimits.ts';
import { VdbError } from '../../model/errors.ts';
import type { MethodName } from '../../protocol/methods/methods.ts';
import type { TargetParams } from '../../protocol/methods/shared.ts';
import type { Request } from '../handler.ts';
import type { Services } from '../services.ts';
import { leaseOptions, refuseProtected, refuseReadOnly } from './lease.ts';

export interface EndsOptions {
  /** The target is written to: refused for callers that are read-only, and on protected profiles. */
  writes: boolean;
  /** The job that holds both connections; disconnecting and dropping name it. */
  job?: string;
}

/** Runs `work` with source and target, each under a reference of its own. */
export async function withEnds<T>(
  targets: { source: TargetParams; target: TargetParams },
  { writes, job }: EndsOptions,
  request: Request<MethodName>,
  services: Services,
  work: (source: TransferEnd, target: TransferEnd) => Promise<T>,
): Promise<T> {
  if (writes) refuseReadOnly(request.context);
  return withEnd(
    targets.source,
    job === undefined ? undefined : { id: job, writes: false },
    request,
    services,
    (source, _) =>
      withEnd(
        targets.target,
        job === undefined ? undefined : { id: job, writes: true },
        request,
        services,
        (target, lease) => {
          if (writes) refuseProtected(lease);
          return work(source, target);
        },
      ),
  );
}

export async function withEnd<T>(
  named: TargetParams,
  job: { id: string; writes: boolean } | undefined,
  { context, secrets, call }: Request<MethodName>,
  services: Services,
  work: (end: TransferEnd, lease: Lease) => Promise<T>,
): Promise<T> {
  const { connection, collection, partition } = await resolveCollection(named, context.session, services);
  const lease = await services.connections.lease(connection, secrets, call, {
    ...leaseOptions(context),
    ...(job === undefined ? {} : { job: { ...job, collection } }),
  });
  try {
    const { database, endpoint, serverVersion, profile } = lease;
    const ref = { collection, partition };
    return await work({ connection, provider: profile.provider, endpoint, serverVersion, database, ref }, lease);
  } catch (error) {
    throw error instanceof VdbError ? error.with({ connection }) : error;
  } finally {
    lease.release();
  }
}

export async function tuningOf(
  params: { batchBytes?: number; concurrency?: number; rate?: number },
  services: Services,
): Promise<Tuning> {
  const { batchBytes, batchRecords, transferQueueBytes, differencesListed } = await services.settings.values();
  return {
    ...TUNING,
    batchBytes: params.batchBytes ?? batchBytes,
    batchRecords,
    queueBytes: transferQueueBytes,
    differences: differencesListed,
    concurrency: params.concurrency,
    rate: params.rate,
  };
}

/** Reports how many records are done, with their rate; a change of note begins anew. */
export function progressOf(request: Request<MethodName>): (done: number, total: number | null, note?: string) => void {
  let meter = new RateMeter();
  let last: string | undefined;
  return (done, total, note) => {
    if (note !== last) meter = new RateMeter();
    last = note;
    request.progress({ done, total, rate: meter.mark(done), ...(note === undefined ? {} : { note }) });
  };
}
