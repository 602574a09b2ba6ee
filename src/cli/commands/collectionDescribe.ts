import type { CommandSpec } from '../command.ts';
import { shown } from './collectionFields.ts';

export const command: CommandSpec = {
  description: 'The count is exact up to 100,000 records; `countExact` says so.',
  arguments: [{ name: 'NAME', help: 'name, or a REF with a slash; the active collection otherwise' }],
  examples: [
    { command: 'vdb collection describe docs', text: 'of the active connection' },
    { command: 'vdb collection describe prod/docs --json', text: 'everything that is known' },
  ],
  async run(context, [name]) {
    const info = await context.call('collection.describe', { target: context.collection(name) });
    await context.output.one(shown(info, context), [
      'name',
      'partition',
      'count',
      'countExact',
      'vectors',
      'fields',
      'index',
    ]);
    return 0;
  },
};
