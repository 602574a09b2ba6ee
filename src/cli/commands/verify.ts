import { VdbError } from '../../model/errors.ts';
import type { CommandSpec } from '../command.ts';
import { comparisonLevel, PROGRESS } from './transferOptions.ts';
import { printVerification } from './transferResult.ts';

export const command: CommandSpec = {
  description:
    'Exit status 0: equal, 20: different, 75: the second does not show all its writes yet. The first 100 differences are listed.',
  arguments: [
    { name: 'A', help: 'collection, as CONNECTION/COLLECTION' },
    { name: 'B', help: 'collection to compare with it' },
  ],
  options: [
    {
      flags: '--level <level>',
      help: 'count, sample:N or full; full up to 1 M records otherwise',
      parse: comparisonLevel,
    },
    { flags: '--job <id>', help: "compare a job's source and target again, with its mapping" },
    PROGRESS,
  ],
  examples: [
    { command: 'vdb verify prod/docs local/docs', text: 'are they equal' },
    { command: 'vdb verify --job 01j9zk --level full', text: 'is a copy still equal' },
  ],
  async run(context, [a, b], { level, job, progress }) {
    if ((job !== undefined) === (a !== undefined) || (a === undefined) !== (b === undefined)) {
      throw new VdbError('usage', 'verify takes two collections, or --job');
    }
    const ends =
      a !== undefined && b !== undefined ? { source: context.end(a, true), target: context.end(b, true) } : { job };
    const result = await context.follow('transfer.verify', { ...ends, level }, context.progress(progress));
    return printVerification(context, result);
  },
};
