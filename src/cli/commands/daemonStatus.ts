import type { CommandSpec } from '../command.ts';
import { printDaemon } from './daemonFields.ts';

export const command: CommandSpec = {
  description: 'Never starts one. Exit status 0: running, 66: not running.',
  examples: [
    { command: 'vdb daemon status', text: 'process, memory, connections, jobs' },
    { command: 'vdb daemon status -q >/dev/null || echo none', text: 'in a script' },
  ],
  async run(context) {
    const daemon = await context.runningDaemon();
    const status = daemon && (await context.call('daemon.status', {}));
    await printDaemon(context, status);
    return status ? 0 : 66;
  },
};
