import type { Place } from '../../core/sessions/sessionStore.ts';
import { resolveConnection } from '../../core/target.ts';
import { VdbError } from '../../model/errors.ts';
import type { SessionMethods, Status } from '../../protocol/methods/session.ts';
import type { Handlers } from '../handler.ts';
import type { Services } from '../services.ts';
import { connectionsJson } from './connectionJson.ts';
import { leaseOptions } from './lease.ts';

export const sessionHandlers: Handlers<keyof SessionMethods> = {
  async 'session.status'(_params, { context }, services) {
    return status(context.session, services);
  },

  async 'session.use'({ target, previous = false }, { context, secrets, call }, services) {
    const { sessions, connections } = services;
    if ((target !== undefined) === previous) throw new VdbError('usage', 'give what to use, or the previous');
    const place: Partial<Place> = target ?? (await previousPlace(context.session, services));
    if (place.connection === undefined && !place.collection && !place.partition) {
      throw new VdbError('usage', 'nothing is named to be used', {
        hint: "Write 'vdb use CONNECTION[/COLLECTION[/PARTITION]]'.",
      });
    }
    const connection = await resolveConnection({ connection: place.connection }, context.session, sessions);
    const chosen = await sessions.chosen(context.session, connection);
    const collection = place.collection ?? (place.partition ? chosen.collection : undefined);
    if (place.partition && !collection) {
      throw new VdbError('usage', `no collection is active in connection '${connection}' to take a partition of`);
    }
    if (collection) {
      const lease = await connections.lease(connection, secrets, call, leaseOptions(context));
      try {
        await lease.database.describe({ collection, partition: place.partition ?? '' }, call);
      } finally {
        lease.release();
      }
      await sessions.use(context.session, { connection, collection, partition: place.partition ?? null });
    } else {
      await connections.defaultCollection(connection);
      await sessions.use(
        context.session,
        previous ? { connection, collection: null, partition: null } : { connection },
      );
    }
    return status(context.session, services);
  },

  async 'session.list'(_params, _request, { sessions }) {
    return (await sessions.list()).map(({ name, active, lastUsedAt }) => ({ name, active, lastUsedAt }));
  },

  async 'session.remove'({ name, dryRun }, _request, { sessions }) {
    if (!dryRun) {
      await sessions.remove(name);
      return { name, removed: true };
    }
    if (!(await sessions.list()).some(session => session.name === name)) {
      throw new VdbError('not_found', `there is no session '${name}'`);
    }
    return { name, removed: false };
  },
};

async function previousPlace(session: string, { sessions }: Services): Promise<Place> {
  const { previous } = await sessions.get(session);
  if (previous) return previous;
  throw new VdbError('usage', `nothing was active before in session '${session}'`, {
    hint: "'vdb use REF' makes a connection or collection active.",
  });
}

/** Opens nothing. */
async function status(session: string, services: Services): Promise<Status> {
  const { pid, version, protocol, socket, startedAt, jobs } = services.status();
  const { active } = await services.sessions.get(session);
  return {
    session,
    active,
    connections: await connectionsJson(await services.connections.list(), session, services),
    daemon: { pid, version, protocol, socket, startedAt, jobs },
  };
}
