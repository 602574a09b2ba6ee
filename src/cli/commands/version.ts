import { VdbError } from '../../model/errors.ts';
import { PROTOCOL } from '../../protocol/methods/methods.ts';
import { VERSION } from '../../version.ts';
import type { CommandSpec } from '../command.ts';
import type { CommandContext } from '../context.ts';

export const command: CommandSpec = {
  description: 'The daemon is not started for it; its version is null when none runs.',
  examples: [{ command: 'vdb version --json', text: 'for a bug report' }],
  async run(context) {
    await context.output.one({ client: VERSION, daemon: await daemonVersion(context), protocol: PROTOCOL });
    return 0;
  },
};

async function daemonVersion(context: CommandContext): Promise<string | null> {
  try {
    if (!(await context.runningDaemon())) return null;
    return (await context.call('daemon.status', {})).version;
  } catch (error) {
    if (!(error instanceof VdbError)) throw error;
    context.note(`the daemon does not answer: ${error.message}`);
    return null;
  }
}
