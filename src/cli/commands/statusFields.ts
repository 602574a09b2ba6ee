import type { Status } from '../../protocol/methods/session.ts';
import type { CommandContext } from '../context.ts';
import { CONNECTION_FIELDS } from './connectionFields.ts';

/** Status as JSON, or for people what is active above the table of connections. */
export async function printStatus(context: CommandContext, status: Status): Promise<void> {
  if (!context.output.forPeople || context.flags.fields) return context.output.one(status);
  const { session, active, connections, daemon } = status;
  const ref = active ? [active.connection, active.collection, active.partition].filter(Boolean).join('/') : 'nothing';
  await context.output.one({
    session,
    active: ref,
    daemon: `pid ${daemon.pid}, version ${daemon.version}, ${daemon.socket}`,
  });
  if (connections.length > 0) context.output.text('\n');
  await context.output.list(connections, CONNECTION_FIELDS);
}
