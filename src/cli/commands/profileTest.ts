import type { CommandSpec } from '../command.ts';

export const command: CommandSpec = {
  arguments: [{ name: 'NAME', help: 'name of the profile', required: true }],
  examples: [
    { command: 'vdb profile test prod', text: 'does it answer, and how fast' },
    {
      command: 'vdb profile test prod --json --fields capabilities.filters',
      text: 'filter operators it evaluates itself',
    },
  ],
  async run(context, [name]) {
    await context.output.one(await context.call('profile.test', { name: name! }));
    return 0;
  },
};
