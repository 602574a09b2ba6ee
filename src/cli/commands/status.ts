import type { CommandSpec } from '../command.ts';
import { printStatus } from './statusFields.ts';

export const command: CommandSpec = {
  description: 'Opens no database.',
  examples: [
    { command: 'vdb status', text: 'where am I' },
    { command: 'vdb status --json --fields active.connection', text: 'for a shell prompt' },
  ],
  async run(context) {
    await printStatus(context, await context.call('session.status', {}));
    return 0;
  },
};
