import { type ConnectionInfo, toldError } from '../../core/connections/connectionInfo.ts';
import type { Connection } from '../../protocol/methods/connection.ts';
import type { Services } from '../services.ts';

/** Connections as the caller's session sees them. */
export async function connectionsJson(
  infos: ConnectionInfo[],
  session: string,
  services: Services,
): Promise<Connection[]> {
  const { active } = await services.sessions.get(session);
  const connections: Connection[] = [];
  for (const { error, ...info } of infos) {
    const { collection } = await services.sessions.chosen(session, info.name);
    connections.push({
      ...info,
      active: active?.connection === info.name,
      activeCollection: collection,
      error: toldError(error),
    });
  }
  return connections;
}
