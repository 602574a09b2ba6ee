import type { CommandSpec } from '../command.ts';

export const command: CommandSpec = {
  arguments: [{ name: 'REF', help: 'collection; the active one otherwise' }],
  examples: [{ command: 'vdb partition list prod/docs', text: 'partitions of a collection, with their counts' }],
  async run(context, [ref]) {
    const { partition: _, ...target } = context.target(ref);
    await context.output.list(await context.call('partition.list', { target }), ['name', 'count']);
    return 0;
  },
};
