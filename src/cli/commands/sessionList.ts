import type { CommandSpec } from '../command.ts';

export const command: CommandSpec = {
  examples: [{ command: 'vdb session list', text: 'every session and what is active in it' }],
  async run(context) {
    const sessions = await context.call('session.list', {});
    await context.output.list(sessions, [
      'name',
      'active.connection',
      'active.collection',
      'active.partition',
      'lastUsedAt',
    ]);
    return 0;
  },
};
