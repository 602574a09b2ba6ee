import type { CommandSpec } from '../command.ts';

export const command: CommandSpec = {
  description:
    'Connections that open, close or change their state, what becomes active in sessions, collections and profiles that come and go, jobs that start and end. The daemon remembers the last thousand.',
  options: [
    { flags: '--follow', help: 'print events as they happen from now on' },
    { flags: '--type <type>', help: 'only this type, as job.done, or family, as job', repeat: true },
  ],
  examples: [
    { command: 'vdb events --type connection', text: 'what became of connections' },
    { command: 'vdb events --follow --type job.done --type job.failed', text: 'wait for jobs to end' },
  ],
  async run(context, _args, { follow = false, type }) {
    const sink = context.output.live(['time', 'type', 'session', 'connection', 'data']);
    await context.stream('event.follow', { types: type, follow }, sink);
    if (follow) context.note('the daemon stopped');
    return 0;
  },
};
