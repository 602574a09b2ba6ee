import type { CommandSpec } from '../command.ts';
import { grouped } from '../output/progress.ts';

export const command: CommandSpec = {
  arguments: [{ name: 'NAME', help: 'name, or a REF with a slash', required: true }],
  dryRun: true,
  examples: [
    { command: 'vdb collection drop ./old --dry-run', text: 'how many records would go' },
    { command: 'vdb collection drop prod/old --yes', text: 'without a question' },
  ],
  async run(context, [name]) {
    const target = context.collection(name);
    const dryRun = context.flags.dryRun ?? false;
    if (!dryRun) {
      await context.confirm(async () => {
        const found = await context.call('collection.drop', { target, dryRun: true });
        const count = found.count === null ? 'all its records' : `${grouped(found.count)} records`;
        return `Drop ${found.connection}/${found.name} at ${found.endpoint} with ${count}`;
      });
    }
    const result = await context.call('collection.drop', { target, dryRun });
    await context.output.one(result);
    return 0;
  },
};
