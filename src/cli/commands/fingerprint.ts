import type { CommandSpec } from '../command.ts';
import { PROGRESS } from './transferOptions.ts';

export const command: CommandSpec = {
  description: 'Equal content gives an equal fingerprint in every database, whatever the order of its records.',
  arguments: [{ name: 'REF', help: 'collection; the active one otherwise' }],
  options: [PROGRESS],
  examples: [
    { command: 'vdb fingerprint prod/docs', text: 'of one collection' },
    { command: 'vdb fingerprint prod/docs --json | jq -r .fingerprint', text: 'for a file kept beside a backup' },
  ],
  async run(context, [ref], { progress }) {
    const params = { target: context.target(ref) };
    await context.output.one(await context.follow('transfer.fingerprint', params, context.progress(progress)));
    return 0;
  },
};
