import type { CommandSpec } from '../command.ts';
import { stopDaemon } from '../stopDaemon.ts';
import { printDaemon } from './daemonFields.ts';

export const command: CommandSpec = {
  description:
    'Calls in flight get up to 10 s to end; running jobs can be resumed. Without a daemon there is nothing to do.',
  options: [{ flags: '--now', help: 'abort what runs' }],
  examples: [
    { command: 'vdb daemon stop', text: 'let calls end' },
    { command: 'vdb daemon stop --now', text: 'do not wait' },
  ],
  async run(context, _args, { now = false }) {
    const stopped = await stopDaemon(context, now);
    await printDaemon(context, undefined);
    if (!stopped) context.tell('no daemon was running');
    return 0;
  },
};
