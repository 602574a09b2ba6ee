import type { CommandSpec } from '../command.ts';
import { stopDaemon } from '../stopDaemon.ts';
import { printDaemon } from './daemonFields.ts';

export const command: CommandSpec = {
  description: 'Held connections come back when they are used; sessions stay.',
  options: [{ flags: '--now', help: 'abort what runs' }],
  examples: [{ command: 'vdb daemon restart', text: 'with the settings as they are now' }],
  async run(context, _args, { now = false }) {
    await stopDaemon(context, now);
    await printDaemon(context, await context.call('daemon.status', {}));
    return 0;
  },
};
