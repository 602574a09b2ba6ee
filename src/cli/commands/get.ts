import { VdbError } from '../../model/errors.ts';
import type { CommandSpec } from '../command.ts';
import { idsFrom } from '../input/ids.ts';
import { ALL_PARTS, ID_TYPE, recordFields, withOption } from './recordOptions.ts';

export const command: CommandSpec = {
  description: 'Prints the records found, in the order asked for. When one is missing the exit status is 66.',
  arguments: [{ name: 'ID', help: 'ids of records', variadic: true }],
  options: [
    { flags: '--ids-from <file>', help: 'one id a line, from a file or - for stdin' },
    ID_TYPE,
    withOption('all by default'),
  ],
  examples: [
    { command: 'vdb get 7 8 --collection docs', text: 'two records of the active connection' },
    { command: 'vdb get -c prod --collection docs --ids-from ids.txt', text: 'many' },
  ],
  async run(context, args, { idsFrom: file, idType, with: parts = ALL_PARTS }) {
    const ids = file === undefined ? [...args] : [...args, ...(await idsFrom(file))];
    if (ids.length === 0) throw new VdbError('usage', 'no id is given', { hint: 'Name ids, or give --ids-from FILE.' });
    const sink = context.output.rows(recordFields(parts, false));
    const params = { target: context.target(), ids, idType, with: parts };
    const { missing } = await context.stream('record.get', params, sink);
    if (missing.length === 0) return 0;
    const named = missing.slice(0, 5).join(', ');
    const more = missing.length > 5 ? ` and ${missing.length - 5} more` : '';
    throw new VdbError('not_found', `${missing.length} of ${ids.length} records do not exist: ${named}${more}`, {
      data: { missing },
    });
  },
};
