import type { CommandSpec } from '../command.ts';

export const command: CommandSpec = {
  options: [
    {
      flags: '--state <state>',
      help: 'only in this state',
      choices: ['running', 'done', 'partial', 'failed', 'cancelled', 'interrupted'],
    },
  ],
  examples: [{ command: 'vdb job list --state interrupted', text: 'what can be resumed' }],
  async run(context, _args, { state }) {
    const jobs = await context.call('job.list', { state });
    await context.output.list(jobs, [
      'id',
      'kind',
      'state',
      'source',
      'target',
      'done',
      'total',
      'startedAt',
      'endedAt',
    ]);
    return 0;
  },
};
