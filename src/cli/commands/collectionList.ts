import type { CommandSpec } from '../command.ts';
import { COLLECTION_FIELDS, shown } from './collectionFields.ts';

export const command: CommandSpec = {
  arguments: [{ name: 'CONNECTION', help: 'connection or profile; the active connection otherwise' }],
  examples: [
    { command: 'vdb collection list prod', text: 'collections of a connection' },
    { command: "vdb collection list --json | jq -r '.[].name'", text: 'their names' },
  ],
  async run(context, [connection]) {
    const { collection: _, partition: __, ...target } = context.target(connection);
    const collections = await context.call('collection.list', { target });
    await context.output.list(
      collections.map(info => shown(info, context)),
      COLLECTION_FIELDS,
    );
    return 0;
  },
};
