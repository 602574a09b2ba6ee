import type { CommandSpec } from '../command.ts';
import { CONNECTION_FIELDS } from './connectionFields.ts';

export const command: CommandSpec = {
  description: 'Opens nothing: after a restart of the daemon held connections are disconnected until they are used.',
  examples: [{ command: 'vdb connections', text: 'state, endpoint and what is active' }],
  async run(context) {
    const connections = await context.call('connection.list', {});
    await context.output.list(connections, CONNECTION_FIELDS);
    if (connections.length === 0) context.tell("no connections; 'vdb connect PROFILE' opens one");
    return 0;
  },
};
