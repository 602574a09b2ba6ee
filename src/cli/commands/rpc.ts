import { VdbError } from '../../model/errors.ts';
import type { MethodName, Params } from '../../protocol/methods/methods.ts';
import { SUMMARIES } from '../../protocol/methods/summaries.ts';
import type { CommandSpec } from '../command.ts';
import { readText } from '../input/inputFile.ts';

const LARGEST_PARAMS_BYTES = 8 * 1024 * 1024;

export const command: CommandSpec = {
  description:
    'PARAMS is a JSON object without the context, which is added. Stream items are printed as they come, one a line, and the result last. The methods are documented in vdb-protocol(7).',
  arguments: [
    { name: 'METHOD', help: 'name of the method' },
    { name: 'PARAMS', help: 'JSON, @FILE, or - for stdin' },
  ],
  options: [{ flags: '--list', help: 'list all methods' }],
  examples: [
    { command: 'vdb rpc --list', text: 'every method' },
    {
      command: 'vdb rpc record.count \'{"target":{"connection":"prod","collection":"docs"},"exact":false}\'',
      text: 'call one',
    },
  ],
  async run(context, [method, given], { list }) {
    if (list) {
      const methods = Object.entries(SUMMARIES).map(([name, { summary }]) => ({ method: name, summary }));
      await context.output.list(methods, ['method', 'summary']);
      return 0;
    }
    if (method === undefined)
      throw new VdbError('usage', 'no method is named', { hint: "'vdb rpc --list' lists them." });
    const params = await paramsFrom(given ?? '{}');
    const result = await context.call(method as MethodName, params as Params<MethodName>, {
      onItems: async items => context.output.piece((items as string[]).map(item => `${item}\n`).join('')),
    });
    context.output.text(`${JSON.stringify(result)}\n`);
    return 0;
  },
};

async function paramsFrom(given: string): Promise<object> {
  const path = given === '-' ? '-' : given.startsWith('@') ? given.slice(1) : undefined;
  const text = path === undefined ? given : await readText(path, LARGEST_PARAMS_BYTES);
  try {
    const params: unknown = JSON.parse(text);
    if (typeof params === 'object' && params !== null && !Array.isArray(params)) return params;
  } catch {
    // Said below, without the parser's quotation of the text.
  }
  throw new VdbError('usage', 'PARAMS is not a JSON object');
}
