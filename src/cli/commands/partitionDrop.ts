import type { CommandSpec } from '../command.ts';
import { grouped } from '../output/progress.ts';

export const command: CommandSpec = {
  arguments: [{ name: 'NAME', help: 'name, or a REF with slashes', required: true }],
  dryRun: true,
  examples: [
    { command: 'vdb partition drop tenant-a --collection docs --dry-run', text: 'how many records would go' },
    { command: 'vdb partition drop prod/docs/tenant-a --yes', text: 'without a question' },
  ],
  async run(context, [name]) {
    const target = context.partition(name!);
    const dryRun = context.flags.dryRun ?? false;
    if (!dryRun) {
      await context.confirm(async () => {
        const found = await context.call('partition.drop', { target, dryRun: true });
        const count = found.count === null ? 'all its records' : `${grouped(found.count)} records`;
        return `Drop ${found.connection}/${found.collection}/${found.name} at ${found.endpoint} with ${count}`;
      });
    }
    await context.output.one(await context.call('partition.drop', { target, dryRun }));
    return 0;
  },
};
