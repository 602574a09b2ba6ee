import type { Lease } from '../../../core/connections/lease.ts';
import { VdbError } from '../../../model/errors.ts';
import type { UpsertParams } from '../../../protocol/methods/record.ts';
import type { Handler } from '../../handler.ts';
import type { Services } from '../../services.ts';
import { withCollection } from '../lease.ts';
import { UpsertRun } from './upsertRun.ts';

export const upsert: Handler<'record.upsert'> = (params, request, services) => {
  const started = performance.now();
  return withCollection(params.target, request, services, { writes: true }, async (lease, ref) => {
    const { connection } = lease;
    const { collection } = ref;
    const run = new UpsertRun(params, request, lease, ref, await lease.vectors(ref, request.call));
    const size = await sizeOf(params, lease, services);
    try {
      for (const group of groups(params, size)) await run.write(group);
    } catch (error) {
      throw error instanceof VdbError ? run.interrupted(error) : error;
    }
    const { upserted } = run;
    const errors = run.errors.sort((a, b) => a.line - b.line);
    const elapsedMs = Math.round(performance.now() - started);
    return { connection, collection, upserted, rejected: errors.length, elapsedMs, errors };
  });
};

interface Size {
  records: number;
  bytes: number;
}

async function sizeOf({ batchSize }: UpsertParams, { database }: Lease, { settings }: Services): Promise<Size> {
  const { batchRecords, batchBytes } = await settings.values();
  const { limits } = database.capabilities;
  return {
    records: Math.min(batchSize ?? batchRecords, limits.batchRecords ?? Number.POSITIVE_INFINITY),
    bytes: Math.min(batchBytes, limits.batchBytes ?? Number.POSITIVE_INFINITY),
  };
}

function* groups({ lines, firstLine }: UpsertParams, size: Size): Iterable<{ lines: string[]; firstLine: number }> {
  let start = 0;
  let bytes = 0;
  for (let at = 0; at < lines.length; at++) {
    const length = lines[at]!.length;
    if (at > start && (at - start >= size.records || bytes + length > size.bytes)) {
      yield { lines: lines.slice(start, at), firstLine: firstLine + start };
      start = at;
      bytes = 0;
    }
    bytes += length;
  }
  if (start < lines.length) yield { lines: lines.slice(start), firstLine: firstLine + start };
}
