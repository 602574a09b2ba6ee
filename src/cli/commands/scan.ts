import type { CommandSpec } from '../command.ts';
import { positiveInteger } from '../numbers.ts';
import { ALL_PARTS, recordFields, WHERE, withOption } from './recordOptions.ts';

export const command: CommandSpec = {
  description:
    'Prints whole records by default, so that `vdb scan A | vdb upsert -` copies. With --limit, a message on stderr gives the cursor that continues behind the last record.',
  arguments: [{ name: 'REF', help: 'collection; the active one otherwise' }],
  options: [
    WHERE,
    { flags: '--limit <n>', help: 'stop after so many records', parse: positiveInteger },
    { flags: '--cursor <cursor>', help: 'continue behind a cursor' },
    withOption('all by default'),
  ],
  examples: [
    { command: 'vdb scan prod/docs > docs.ndjson', text: 'every record, one a line' },
    { command: 'vdb scan --where \'lang = "de"\' --with metadata --limit 10', text: 'a look at some' },
  ],
  async run(context, [ref], { where, limit, cursor, with: parts = ALL_PARTS }) {
    const sink = context.output.rows(recordFields(parts, false));
    const params = { target: context.target(ref), where, limit, cursor, with: parts };
    const result = await context.stream('record.scan', params, sink);
    if (limit !== undefined && result.cursor !== null) context.note(`more follow: --cursor '${result.cursor}'`);
    return 0;
  },
};
