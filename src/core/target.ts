import { VdbError } from '../model/errors.ts';
import type { ConnectionManager } from './connections/connectionManager.ts';
import type { SessionStore } from './sessions/sessionStore.ts';

/** What flags, environment or a REF named; `.` is the active connection. */
export interface NamedTarget {
  connection?: string;
  collection?: string;
  partition?: string;
}

/** A collection fully named; `partition` is '' when none is meant. */
export interface CollectionTarget {
  connection: string;
  collection: string;
  partition: string;
}

/** The connection that is meant: the one named, else the session's active one. Throws `usage`. Opens nothing. */
export async function resolveConnection(target: NamedTarget, session: string, sessions: SessionStore): Promise<string> {
  if (target.connection !== undefined && target.connection !== '.') return target.connection;
  const { active } = await sessions.get(session);
  if (active) return active.connection;
  throw new VdbError('usage', `no connection is active in session '${session}'`, {
    hint: "Name one, or make one active with 'vdb connect PROFILE' or 'vdb use REF'.",
  });
}

/**
 * The collection that is meant: the one named, else the one chosen in that connection, else the profile's default.
 * A partition is the one named, or goes with the chosen collection. Throws `usage`. Opens nothing.
 */
export async function resolveCollection(
  target: NamedTarget,
  session: string,
  { sessions, connections }: { sessions: SessionStore; connections: ConnectionManager },
): Promise<CollectionTarget> {
  const connection = await resolveConnection(target, session, sessions);
  if (target.collection !== undefined) {
    return { connection, collection: target.collection, partition: target.partition ?? '' };
  }
  const chosen = await sessions.chosen(session, connection);
  const collection = chosen.collection ?? (await connections.defaultCollection(connection));
  if (collection !== null) {
    return {
      connection,
      collection,
      partition: target.partition ?? (chosen.collection ? chosen.partition : null) ?? '',
    };
  }
  throw new VdbError('usage', `no collection is named, and none is active in connection '${connection}'`, {
    hint: `Name one as ${connection}/COLLECTION, or make one active with 'vdb use ${connection}/COLLECTION'.`,
  });
}
