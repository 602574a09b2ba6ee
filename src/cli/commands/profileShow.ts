import type { CommandSpec } from '../command.ts';

export const command: CommandSpec = {
  description: 'Says which secrets the profile has and where they come from, never their values.',
  arguments: [{ name: 'NAME', help: 'name of the profile', required: true }],
  examples: [{ command: 'vdb profile show prod --json', text: 'everything that is saved' }],
  async run(context, [name]) {
    await context.output.one(await context.call('profile.show', { name: name! }));
    return 0;
  },
};
