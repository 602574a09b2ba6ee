import type { CommandSpec } from '../command.ts';
import { CONNECTION_FIELDS } from './connectionFields.ts';

export const command: CommandSpec = {
  description:
    'The daemon keeps the connection open for all shells. The first one of a session becomes active in it; later ones do not change what is active.',
  arguments: [{ name: 'PROFILE', help: 'saved profile', required: true }],
  options: [{ flags: '--as <name>', help: "the connection's name, the profile's otherwise" }],
  examples: [
    { command: 'vdb connect prod', text: 'open and hold it' },
    { command: 'vdb connect prod --as reader', text: 'under another name' },
  ],
  async run(context, [profile], options) {
    const connection = await context.call('connection.open', {
      profile: profile!,
      ...(options.as === undefined ? {} : { as: options.as }),
    });
    await context.output.one(connection, CONNECTION_FIELDS);
    return 0;
  },
};
