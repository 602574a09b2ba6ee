import type { CommandSpec } from '../command.ts';

export const command: CommandSpec = {
  description: 'Only the saved description goes; the database keeps everything.',
  arguments: [{ name: 'NAME', help: 'name of the profile', required: true }],
  dryRun: true,
  examples: [{ command: 'vdb profile remove old', text: 'forget a server' }],
  async run(context, [name]) {
    const dryRun = context.flags.dryRun ?? false;
    await context.output.one(await context.call('profile.remove', { name: name!, dryRun }));
    return 0;
  },
};
