import type { CommandSpec } from '../command.ts';

export const command: CommandSpec = {
  description: 'Only what was active in it is forgotten; connections stay.',
  arguments: [{ name: 'NAME', help: 'name of the session', required: true }],
  dryRun: true,
  examples: [{ command: 'vdb session remove ci-17', text: 'forget a session' }],
  async run(context, [name]) {
    const dryRun = context.flags.dryRun ?? false;
    await context.output.one(await context.call('session.remove', { name: name!, dryRun }));
    return 0;
  },
};
