import type { CommandSpec } from '../command.ts';

export const command: CommandSpec = {
  arguments: [{ name: 'NAME', help: 'name, or a REF with slashes', required: true }],
  dryRun: true,
  examples: [{ command: 'vdb partition create prod/docs/tenant-a', text: 'a tenant of its own' }],
  async run(context, [name]) {
    const dryRun = context.flags.dryRun ?? false;
    await context.output.one(await context.call('partition.create', { target: context.partition(name!), dryRun }));
    return 0;
  },
};
