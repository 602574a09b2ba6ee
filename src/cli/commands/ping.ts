import { VdbError } from '../../model/errors.ts';
import type { CommandSpec } from '../command.ts';
import { parseDuration } from '../duration.ts';

const BETWEEN_TRIES_MS = 500;

export const command: CommandSpec = {
  arguments: [{ name: 'NAME', help: 'connection or profile; the active connection otherwise' }],
  options: [
    { flags: '--all', help: 'all held connections' },
    { flags: '--wait <duration>', help: 'try again until it answers, at most this long', parse: parseDuration },
  ],
  examples: [
    { command: 'vdb ping prod', text: 'does it answer' },
    { command: 'vdb ping prod --wait 60s', text: 'wait for a server that is starting' },
  ],
  async run(context, [given], { all, wait }) {
    const name = given ?? context.target().connection;
    if (given !== undefined && all) throw new VdbError('usage', 'a name and --all exclude each other');
    const params = all ? { all: true } : name === undefined ? {} : { names: [name] };
    const until = performance.now() + (wait ?? 0);
    for (;;) {
      try {
        const results = await context.call('connection.ping', params);
        const fields = ['connection', 'latencyMs', 'serverVersion'];
        if (all) await context.output.list(results, fields);
        else await context.output.one(results[0]!, fields);
        return 0;
      } catch (error) {
        const passing =
          error instanceof VdbError && (error.retryable || error.code === 'timeout') && error.code !== 'cancelled';
        if (!passing || performance.now() + BETWEEN_TRIES_MS > until) throw error;
        await new Promise(resolve => setTimeout(resolve, BETWEEN_TRIES_MS));
      }
    }
  },
};
