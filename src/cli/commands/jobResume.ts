import type { CommandSpec } from '../command.ts';
import { PACE, PROGRESS } from './transferOptions.ts';
import { printMigration } from './transferResult.ts';

export const command: CommandSpec = {
  description: 'A job that is done writes nothing, prints its result and ends with its status.',
  arguments: [{ name: 'JOB', help: 'id of the job', required: true }],
  options: [...PACE, PROGRESS],
  examples: [{ command: 'vdb job resume 01j9zk', text: 'same as vdb migrate --resume 01j9zk' }],
  async run(context, [id], { batchBytes, concurrency, rate, progress }) {
    const params = { id: id!, batchBytes, concurrency, rate };
    return printMigration(context, await context.follow('job.resume', params, context.progress(progress)));
  },
};
