import { VdbError } from '../../model/errors.ts';
import type { CommandSpec } from '../command.ts';
import { grouped } from '../output/progress.ts';
import { ID_TYPE, WHERE } from './recordOptions.ts';

export const command: CommandSpec = {
  description: 'Asks before deleting by filter or all, naming how many records match.',
  arguments: [{ name: 'ID', help: 'ids of records', variadic: true }],
  options: [ID_TYPE, WHERE, { flags: '--all', help: 'every record; the collection stays' }],
  dryRun: true,
  examples: [
    { command: 'vdb delete 7 8 --collection docs', text: 'by id' },
    { command: "vdb delete --where 'year < 2001' --dry-run", text: 'how many would go' },
    { command: 'vdb delete -c test --collection docs --all --yes', text: 'empty a collection without a question' },
  ],
  async run(context, ids, { idType, where, all }) {
    if ([ids.length > 0, where !== undefined, all === true].filter(Boolean).length !== 1) {
      throw new VdbError('usage', 'delete takes exactly one of ids, --where and --all');
    }
    const dryRun = context.flags.dryRun ?? false;
    const which = all ? { all: true } : where === undefined ? { ids: [...ids], idType } : { where };
    const params = { target: context.target(), ...which };
    if (ids.length === 0 && !dryRun) {
      await context.confirm(async () => {
        const found = await context.call('record.delete', { ...params, dryRun: true });
        const count = found.matched === null ? 'the matching' : grouped(found.matched);
        return `Delete ${count} records of ${found.connection}/${found.collection} at ${found.endpoint}`;
      });
    }
    const result = await context.call('record.delete', { ...params, dryRun });
    await context.output.one(result);
    if (result.residual !== undefined) context.note(`checked by vdb, record by record: ${result.residual}`);
    return 0;
  },
};
