import type { CommandSpec } from '../command.ts';
import { WHERE } from './recordOptions.ts';

export const command: CommandSpec = {
  arguments: [{ name: 'REF', help: 'collection; the active one otherwise' }],
  options: [WHERE, { flags: '--exact', help: 'count every record, however long it takes' }],
  examples: [
    { command: 'vdb count prod/docs', text: 'how many records' },
    { command: "vdb count --where 'price < 20' --exact", text: 'how many match' },
  ],
  async run(context, [ref], { where, exact = false }) {
    const result = await context.call('record.count', { target: context.target(ref), where, exact });
    await context.output.one(result);
    return 0;
  },
};
