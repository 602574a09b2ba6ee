import { VdbError } from '../../model/errors.ts';
import type { CommandSpec } from '../command.ts';
import { CONNECTION_FIELDS } from './connectionFields.ts';

export const command: CommandSpec = {
  arguments: [{ name: 'NAME', help: 'connection to close' }],
  options: [{ flags: '--all', help: 'close all held connections' }],
  examples: [
    { command: 'vdb disconnect prod', text: 'close one' },
    { command: 'vdb disconnect --all', text: 'close all' },
  ],
  async run(context, [given], { all }) {
    const name = given ?? context.flags.connection;
    if (name !== undefined && all) throw new VdbError('usage', 'a name and --all exclude each other');
    if (name === undefined && !all) {
      throw new VdbError('usage', 'no connection is named', { hint: 'Name one, or give --all.' });
    }
    const closed = await context.call('connection.close', name === undefined ? { all: true } : { name });
    await context.output.list(closed, CONNECTION_FIELDS);
    return 0;
  },
};
