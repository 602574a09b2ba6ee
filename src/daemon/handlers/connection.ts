import type { Lease } from '../../core/connections/lease.ts';
import { resolveConnection } from '../../core/target.ts';
import { asVdbError, errorToJson, VdbError } from '../../model/errors.ts';
import type { ConnectionMethods, PingResult } from '../../protocol/methods/connection.ts';
import type { Handlers, Request } from '../handler.ts';
import type { Services } from '../services.ts';
import { connectionsJson } from './connectionJson.ts';
import { leaseOptions } from './lease.ts';

export const connectionHandlers: Handlers<keyof ConnectionMethods> = {
  async 'connection.open'({ profile, as }, { context, secrets, call }, services) {
    const { connections, sessions } = services;
    const { name } = await connections.open(profile, as, secrets, call, leaseOptions(context));
    await sessions.useFirst(context.session, name);
    const lease = await connections.lease(name, secrets, call);
    try {
      // Only for the number shown: a login that may not list is connected all the same.
      await lease.database.collections(call).catch(() => undefined);
    } finally {
      lease.release();
    }
    const info = (await connections.list()).find(connection => connection.name === name)!;
    return (await connectionsJson([info], context.session, services))[0]!;
  },

  async 'connection.close'({ name, all = false }, { context }, services) {
    if ((name !== undefined) === all) throw new VdbError('usage', "give one connection's name, or all");
    const { connections, sessions } = services;
    const names = name === undefined ? (await connections.list()).map(connection => connection.name) : [name];
    const closed = [];
    for (const each of names) {
      const info = await connections.close(each);
      closed.push(...(await connectionsJson([info], context.session, services)));
      await sessions.forget(each);
    }
    return closed;
  },

  async 'connection.list'(_params, { context }, services) {
    return connectionsJson(await services.connections.list(), context.session, services);
  },

  async 'connection.ping'({ names, all = false }, request, services) {
    const { sessions, connections } = services;
    if (all && names?.length) throw new VdbError('usage', 'give names, or all');
    const meant = all
      ? (await connections.list()).map(({ name }) => name)
      : names?.length
        ? names
        : [await resolveConnection({}, request.context.session, sessions)];
    const settled = await Promise.allSettled(meant.map(name => ping(name, request, services)));
    const results = settled.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
    const failures = settled.flatMap((result, index) =>
      result.status === 'rejected' ? [asVdbError(result.reason).with({ connection: meant[index]! })] : [],
    );
    if (failures.length === 0) return results;
    // A secret that lacks anywhere is asked for before anything else is told.
    const needs = failures.flatMap(error => error.details.needs ?? []);
    if (needs.length > 0) {
      const first = failures.find(error => error.details.needs)!;
      throw new VdbError(first.code, first.message, { ...first.details, needs });
    }
    if (results.length === 0) throw failures[0]!;
    throw new VdbError('partial', `${failures.length} of ${meant.length} connections did not answer`, {
      outcome: 'not_applied',
      cause: failures[0]!.message,
      data: { results, failures: failures.map(errorToJson) },
    });
  },
};

async function ping(
  name: string,
  { context, secrets, call }: Request<'connection.ping'>,
  { connections }: Services,
): Promise<PingResult> {
  const lease: Lease = await connections.lease(name, secrets, call, leaseOptions(context));
  try {
    const started = performance.now();
    const { serverVersion } = await lease.database.ping(call);
    return { connection: name, latencyMs: rounded(performance.now() - started), serverVersion };
  } finally {
    lease.release();
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
