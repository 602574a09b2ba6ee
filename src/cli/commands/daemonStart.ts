import type { CommandSpec } from '../command.ts';
import { printDaemon } from './daemonFields.ts';

export const command: CommandSpec = {
  description: 'Other commands start it when they need it; this one only makes that happen now.',
  examples: [{ command: 'vdb daemon start', text: 'before the first command of a script' }],
  async run(context) {
    await printDaemon(context, await context.call('daemon.status', {}));
    return 0;
  },
};
