import type { CommandSpec } from '../command.ts';
import { helpFor } from '../helpFor.ts';

export const command: CommandSpec = {
  description: 'Topics: environment, exit-codes, filters, refs, formatting.',
  arguments: [{ name: 'TOPIC', help: 'a topic, or the words of a command', variadic: true }],
  examples: [
    { command: 'vdb help exit-codes', text: 'what each exit status means' },
    { command: 'vdb help profile add', text: 'same as vdb profile add --help' },
  ],
  async run(context, words) {
    context.output.text(await helpFor(words));
    return 0;
  },
};
