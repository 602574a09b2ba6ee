import type { CommandSpec } from '../command.ts';

export const command: CommandSpec = {
  arguments: [{ name: 'JOB', help: 'id of the job', required: true }],
  examples: [{ command: 'vdb job show 01j9zk --json', text: 'with its result and directory' }],
  async run(context, [id]) {
    await context.output.one(await context.call('job.show', { id: id! }));
    return 0;
  },
};
