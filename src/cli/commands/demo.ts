import type { CommandSpec } from '../command.ts';
import { Demo } from '../demo.ts';

export const command: CommandSpec = {
  description:
    'Nothing is installed and nothing leaves the machine: embedded databases, a daemon and a configuration of their own. All of it is removed at the end. Each command is shown as it can be typed.',
  options: [{ flags: '--keep', help: 'keep the directory, and tell where it is' }],
  examples: [
    { command: 'vdb demo', text: 'see the main job done once' },
    { command: 'vdb demo --keep', text: 'and go on with what it made' },
  ],
  async run(context, _args, { keep }) {
    await new Demo(context, keep === true).run();
    return 0;
  },
};
