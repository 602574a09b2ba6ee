import { VdbError } from '../../model/errors.ts';
import type { CommandSpec } from '../command.ts';
import { printStatus } from './statusFields.ts';

export const command: CommandSpec = {
  description: "Only this session changes; other shells keep what they have. '-' returns to what was active before.",
  arguments: [{ name: 'REF', help: 'CONNECTION[/COLLECTION[/PARTITION]], or -', required: true }],
  examples: [
    { command: 'vdb use prod/docs', text: 'connection and collection' },
    { command: 'vdb use ./images', text: 'another collection of the active connection' },
    { command: 'vdb use -', text: 'back' },
  ],
  async run(context, [ref]) {
    if (ref === '') throw new VdbError('usage', 'REF is empty');
    const params = ref === '-' ? { previous: true } : { target: context.target(ref) };
    await printStatus(context, await context.call('session.use', params));
    return 0;
  },
};
