import type { CommandSpec } from '../command.ts';

export const command: CommandSpec = {
  description: 'What the job copied stays; an interrupted one can no longer be resumed.',
  arguments: [{ name: 'JOB', help: 'id of the job', required: true }],
  dryRun: true,
  examples: [{ command: 'vdb job remove 01j9zk', text: 'forget a job' }],
  async run(context, [id]) {
    const dryRun = context.flags.dryRun ?? false;
    await context.output.one(await context.call('job.remove', { id: id!, dryRun }));
    return 0;
  },
};
